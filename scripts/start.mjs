// `npm start`: installs and builds when something changed since the last time, then is the server.
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureBuilt } from './lib/ensure-built.mjs'
import { ensureInstalled } from './lib/ensure-installed.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
try {
  await ensureInstalled(root)
  await ensureBuilt(root)
} catch (err) {
  console.error(`sandpiper: ${err instanceof Error ? err.message : String(err)}`)
  process.exit(1)
}
process.setSourceMapsEnabled(true)
// In this very process: signals, standard output and exit code are the server's own.
await import(pathToFileURL(`${root}services/sandpiper/dist/main.mjs`).href)
