// `npm run build`: bundles the programs, also when nothing changed.
import { fileURLToPath } from 'node:url'
import { build } from './lib/ensure-built.mjs'
import { ensureInstalled } from './lib/ensure-installed.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
try {
  await ensureInstalled(root)
  await build(root)
} catch (err) {
  console.error(err instanceof Error ? err.message : String(err))
  process.exit(1)
}
