import { expect, test } from 'vitest'

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}
const file = new URL('count-tests.mjs', import.meta.url).href
const { countTests } = (await import(file)) as {
  countTests: (report: Report, code: number | null) => { passed: number; failed: number }
}

const report = (fileStatus: string, ...statuses: readonly string[]): Report => ({
  testResults: [
    { name: 'a', status: fileStatus, assertionResults: statuses.map((status) => ({ status })) },
  ],
})

test.each([
  ['passed and failed tests are counted', report('failed', 'passed', 'failed'), 1, 1, 1],
  ['a skipped test counts as failed', report('passed', 'passed', 'skipped'), 0, 1, 1],
  ['so does a pending and a todo one', report('passed', 'pending', 'todo'), 0, 0, 2],
  ['a file that cannot be loaded is a failure', report('failed'), 1, 0, 1],
  ['an error outside of tests is a failure', report('passed', 'passed'), 1, 1, 1],
  ['a run that was killed is a failure', report('passed', 'passed'), null, 1, 1],
  ['a run without tests is a failure', { testResults: [] }, 0, 0, 1],
  ['all passed is no failure', report('passed', 'passed', 'passed'), 0, 2, 0],
] as const)('%s', (_, input, exitCode, passed, failed) => {
  expect(countTests(input, exitCode)).toMatchObject({ passed, failed })
})
