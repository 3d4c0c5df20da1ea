// Bundles the programs, also when nothing changed; for tests of them.
import { fileURLToPath } from 'node:url'
import { build } from './lib/ensure-built.mjs'

await build(fileURLToPath(new URL('..', import.meta.url)))
