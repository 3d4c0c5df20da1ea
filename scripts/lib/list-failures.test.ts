import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName?: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}
const source = new URL('list-failures.mjs', import.meta.url).href
const { listFailures } = (await import(source)) as {
  listFailures: (report: Report, about: { suite: string; root: string }) => string[]
}
const repository = fileURLToPath(new URL('../..', import.meta.url))
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'list-failures-')))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const of = (file: Omit<Report['testResults'][number], 'name'>): string[] =>
  listFailures(
    { testResults: [{ name: '/r/a/b.test.ts', ...file }] },
    { suite: 'unit', root: '/r' },
  )
const failed = (fullName: string, ...failureMessages: readonly string[]) => ({
  status: 'failed',
  fullName,
  failureMessages,
})

test('a run with failures of every kind is told with suite, file, name and message', () => {
  writeFileSync(join(folder, 'vitest.config.mjs'), 'export default { test: { globals: true } }')
  writeFileSync(
    join(folder, 'sums.test.mjs'),
    "describe('sums', () => { test('are right', () => { expect(1 + 1).toBe(3) }); test('pass', () => {}); test.skip('wait', () => {}) })",
  )
  writeFileSync(
    join(folder, 'hook.test.mjs'),
    "beforeAll(() => { throw new Error('no engine') }); test('x', () => {})",
  )
  writeFileSync(join(folder, 'broken.test.mjs'), "import './not-there.mjs'")
  const out = join(folder, 'report.json')
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', '--root', folder, '--reporter=json', `--outputFile.json=${out}`]
  spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })
  const report = JSON.parse(readFileSync(out, 'utf8')) as Report
  const text = listFailures(report, { suite: 'unit', root: folder }).join('\n')
  expect(text).toContain(
    'FAILED unit: sums.test.mjs: sums are right\n    AssertionError: expected 2 to be 3',
  )
  expect(text).toContain('FAILED unit: sums.test.mjs: sums wait (skipped)')
  expect(text).not.toContain('sums pass')
  expect(text).toMatch(/FAILED unit: hook\.test\.mjs: the file\n.*no engine/)
  expect(text).toMatch(/FAILED unit: broken\.test\.mjs: the file\n.*not-there\.mjs/)
}, 60_000)

test('a long message is cut after 15 lines and loses its colours', () => {
  const lines = Array.from({ length: 40 }, (_, i) => `\u001b[31mline ${i}\u001b[39m`)
  const [text] = of({ status: 'failed', assertionResults: [failed('t', lines.join('\n'))] })
  expect(text?.split('\n')).toHaveLength(16)
  expect(text).toContain('\n    line 14')
})

test('failures beyond forty are only counted', () => {
  const assertionResults = Array.from({ length: 45 }, (_, i) => failed(`t${i}`, 'no'))
  const texts = of({ status: 'failed', assertionResults })
  expect(texts).toHaveLength(41)
  expect(texts.at(-1)).toBe('unit: ... and 5 more')
})

test('nothing is told of a file that passed', () => {
  expect(of({ status: 'passed', assertionResults: [{ status: 'passed', fullName: 't' }] })).toEqual(
    [],
  )
})
