// The end-to-end tests run the bundles, as users do: they are made first. The console is made when a source of it changed; one that
// cannot be built fails the tests of the console (e2e/console), and no other.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Called by vitest once, before the first file. */
export function setup(): void {
  run('build-programs.mjs')
  try {
    run('build-console.mjs')
  } catch {
    // It has said why.
  }
}

function run(script: string): void {
  const path = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url))
  execFileSync(process.execPath, [path], { stdio: 'inherit' })
}
