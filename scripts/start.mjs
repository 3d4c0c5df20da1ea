// `npm start`: installs and builds when something changed since the last time, then is the server.
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureBuilt } from './lib/ensure-built.mjs'
import { ensureConsoleBuilt } from './lib/ensure-console-built.mjs'
import { ensureInstalled } from './lib/ensure-installed.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
try {
  await ensureInstalled(root)
  await ensureBuilt(root)
  buildWhatPeopleSee(root)
} catch (err) {
  console.error(`sandpiper: ${err instanceof Error ? err.message : String(err)}`)
  process.exit(1)
}
process.setSourceMapsEnabled(true)
// In this very process: signals, standard output and exit code are the server's own.
await import(pathToFileURL(`${root}services/sandpiper/dist/main.mjs`).href)

/** Events and queries do not wait for a console that cannot be built: the server then answers with a page that says so. */
function buildWhatPeopleSee(root) {
  try {
    ensureConsoleBuilt(root)
  } catch (err) {
    console.error(`sandpiper: ${err instanceof Error ? err.message : String(err)}`)
  }
}
