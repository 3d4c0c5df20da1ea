import { expect, test } from 'vitest'

import { withoutFormat } from './without-format.ts'

test.each([
  ['SELECT 1', 'SELECT 1'],
  ['SELECT 1 ;\n', 'SELECT 1'],
  ['SELECT 1 FORMAT CSV', 'SELECT 1'],
  ['SELECT 1\nformat JSONEachRow;', 'SELECT 1'],
  ["SELECT 'x FORMAT CSV'", "SELECT 'x FORMAT CSV'"],
  ['SELECT format FROM t', 'SELECT format FROM t'],
])('%s', (sql, left) => {
  expect(withoutFormat(sql)).toBe(left)
})
