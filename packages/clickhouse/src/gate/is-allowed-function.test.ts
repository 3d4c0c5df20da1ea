import { expect, test } from 'vitest'

import { isAllowedFunction } from './is-allowed-function.ts'

test.each([
  'count',
  'COUNT',
  'sumIf',
  'uniqMergeState',
  'quantilesTimingMerge',
  'avgMerge',
  'countIfOrNull',
  'toDateTime',
  'DATE_TRUNC',
  'date_trunc',
  'JSONExtractString',
  'formatRowNoNewline',
  'parseDateTimeBestEffort',
  'argMaxIfState',
  'row_number',
  'lambda',
  '_CAST',
  'countDistinct',
  'substr',
  'lower',
])('%s may be called', (name) => {
  expect(isAllowedFunction(name)).toBe(true)
})

test.each([
  'file',
  'FILE',
  'getSetting',
  'currentUser',
  'user',
  'hostName',
  'FQDN',
  'serverUUID',
  'sleep',
  'SLEEP',
  'sleepEachRow',
  'throwIf',
  'catboostEvaluate',
  'getMacro',
  'fuzzQuery',
  'demangle',
  'addressToLine',
  'joinGet',
  'dictGet',
  'dictGetOrDefault',
  'dictHas',
  'hasColumnInTable',
  'currentDatabase',
  'DATABASE',
  'version',
  'globalVariable',
  'aiGenerate',
  'logTrace',
  'generateSerialID',
  'fileIf',
  'sleepState',
  'Merge',
  '',
  'constructor',
  '__proto__',
  'nosuch',
])('%s may not be called', (name) => {
  expect(isAllowedFunction(name)).toBe(false)
})

test('a name made of combinators without end is answered at once', () => {
  expect(isAllowedFunction(`x${'StateIf'.repeat(100_000)}`)).toBe(false)
})
