// Builds the console when something changed since the last time; for tests, which build it once for all of them.
import { fileURLToPath } from 'node:url'
import { ensureConsoleBuilt } from './lib/ensure-console-built.mjs'

try {
  ensureConsoleBuilt(fileURLToPath(new URL('..', import.meta.url)))
} catch (err) {
  console.error(err instanceof Error ? err.message : String(err))
  process.exit(1)
}
