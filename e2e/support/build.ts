// The end-to-end tests run the bundles, as users do: they are made first, when a source changed.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Called by vitest once, before the first file. */
export function setup(): void {
  const build = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))
  execFileSync(process.execPath, [build], { stdio: 'inherit' })
}
