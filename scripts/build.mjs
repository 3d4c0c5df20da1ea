// `npm run build`: bundles the programs and the console, also when nothing changed.
import { fileURLToPath } from 'node:url'
import { build } from './lib/ensure-built.mjs'
import { buildConsole } from './lib/ensure-console-built.mjs'
import { ensureInstalled } from './lib/ensure-installed.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
try {
  await ensureInstalled(root)
  await build(root)
  buildConsole(root)
} catch (err) {
  console.error(err instanceof Error ? err.message : String(err))
  process.exit(1)
}
