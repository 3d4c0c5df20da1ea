// A real Chromium, found or installed by scripts/ensure-chromium.mjs.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser } from 'playwright-core'

/** Starts it. @throws with the one command to run where there is none and it cannot be installed. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: run('ensure-chromium.mjs'),
    // Chromium's own sandbox needs another user than root, and more shared memory than containers have.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
}

/** Builds the console when it changed. @throws when it cannot be built. */
export function ensureConsoleBuilt(): void {
  run('build-console.mjs')
}

function run(script: string): string {
  const path = fileURLToPath(new URL(`../../../scripts/${script}`, import.meta.url))
  return execFileSync(process.execPath, [path], {
    ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  }).trim()
}
