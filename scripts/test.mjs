// `npm test`: the gates, then every suite, then those that a time zone could upset once more in another one.
// Ends by telling each failed test once more (the tail of a log is often all there is), then exactly one line
// `N passed, N failed`; exit code 0 only when nothing failed.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { countTests } from './lib/count-tests.mjs'
import { ensureInstalled } from './lib/ensure-installed.mjs'
import { listFailures } from './lib/list-failures.mjs'

/** Half an hour off, behind UTC, with summer time. */
const OTHER_TIME_ZONE = 'America/St_Johns'

/** Scripts that bring what tests start and npm does not. */
const PROGRAMS = ['ensure-redis.mjs', 'ensure-postgres.mjs', 'ensure-prometheus.mjs']

const SUITES = [
  { name: 'unit', args: ['--project', 'unit'] },
  { name: 'integration', args: ['--project', 'integration'] },
  { name: 'e2e', args: ['--project', 'e2e'] },
  { name: 'unit', args: ['--project', 'unit'], timeZone: OTHER_TIME_ZONE },
  {
    name: 'integration',
    args: ['--project', 'integration', 'services/engine', 'services/writer', 'services/api'],
    timeZone: OTHER_TIME_ZONE,
  },
]

const root = fileURLToPath(new URL('..', import.meta.url))
const reports = mkdtempSync(join(tmpdir(), 'sandpiper-test-'))
const total = { passed: 0, failed: 0, failures: [], notes: [] }

try {
  await ensureInstalled(root)
  // Once, ahead of all suites that start them: two installations at once disturb each other. What is missing fails its tests, with the reason.
  for (const name of PROGRAMS) await run(process.execPath, [join(root, 'scripts', name)], {})
  for (const gate of gates()) add(await runGate(gate))
  for (const suite of SUITES) add(await runSuite(suite))
} catch (err) {
  add({ passed: 0, failed: 1, notes: [err instanceof Error ? err.message : String(err)] })
} finally {
  rmSync(reports, { recursive: true, force: true })
}
for (const line of [...total.failures, ...total.notes]) console.log(line)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1

/** The scripts that `pnpm ok` runs, in its order. */
function gates() {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const names = scripts.ok.split('&&').map((part) => part.trim().split(/\s+/).at(-1))
  return names.map((name) => ({ name, command: scripts[name] }))
}

async function runGate({ name, command }) {
  announce(name)
  const code = await run('sh', ['-c', command], {})
  if (code === 0) return { passed: 1, failed: 0, notes: [] }
  return { passed: 0, failed: 1, notes: [`${name} failed; run it alone: npm run ${name}`] }
}

async function runSuite({ name, args, timeZone }) {
  const suite = timeZone === undefined ? name : `${name}, TZ=${timeZone}`
  announce(suite)
  const report = join(reports, `${total.passed}-${name}.json`)
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const env = { TZ: timeZone ?? 'UTC' }
  const code = await run(process.execPath, [vitest, 'run', ...args, ...reporters], env)
  const alone = `${timeZone === undefined ? '' : `TZ=${timeZone} `}npx vitest run ${args.join(' ')}`
  try {
    const results = JSON.parse(readFileSync(report, 'utf8'))
    const counted = countTests(results, code)
    if (counted.failed > 0) counted.notes.push(`${name} failed; run it alone: ${alone}`)
    return { ...counted, failures: listFailures(results, { suite, root }) }
  } catch {
    return { passed: 0, failed: 1, notes: [`${name} could not start; run it alone: ${alone}`] }
  }
}

function run(command, args, env) {
  const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter)
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, PATH: path, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    child.on('error', () => resolve(null))
    child.on('close', resolve)
  })
}

function announce(what) {
  console.log(`\n=== ${what}`)
}

function add({ passed, failed, failures = [], notes }) {
  total.passed += passed
  total.failed += failed
  total.failures.push(...failures)
  total.notes.push(...notes)
}
