// Prints where Chromium is, installed when it is not there; the tests of the console run in it.
import { ensureSystemPackage } from './lib/ensure-system-package.mjs'

try {
  console.log(ensureSystemPackage(['chromium', 'chromium-browser', 'google-chrome'], 'chromium'))
} catch (err) {
  console.error(err instanceof Error ? err.message : String(err))
  process.exit(1)
}
