// `node scripts/with-deps.mjs <program> [arguments]`: installs when needed, then runs a program of node_modules/.bin.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureInstalled } from './lib/ensure-installed.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const [program, ...args] = process.argv.slice(2)
if (program === undefined) {
  console.error('Which program? node scripts/with-deps.mjs <program> [arguments]')
  process.exit(1)
}
try {
  await ensureInstalled(root)
} catch (err) {
  console.error(err instanceof Error ? err.message : String(err))
  process.exit(1)
}
const child = spawn(join(root, 'node_modules/.bin', program), args, { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (err) => {
  console.error(err.message)
  process.exit(1)
})
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)))
