#!/usr/bin/env node
// The `sandpiper` command in a checkout: bundled anew when a source changed, then run in this very process.
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from '../../../scripts/lib/ensure-built.mjs'

try {
  await ensureBuilt(fileURLToPath(new URL('../../../', import.meta.url)))
} catch (err) {
  console.error(`sandpiper: ${err instanceof Error ? err.message : String(err)}`)
  process.exit(1)
}
await import('../dist/main.mjs')
