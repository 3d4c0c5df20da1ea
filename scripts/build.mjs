// `npm run build`: bundles the programs, also when nothing changed.
import { fileURLToPath } from 'node:url'
import { build } from './lib/ensure-built.mjs'
import { ensureInstalled } from './lib/ensure-installed.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
await ensureInstalled(root)
await build(root)
