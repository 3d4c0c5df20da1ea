import { expect, test } from 'vitest'

import { parsePipeText, printPipeText } from './pipe-text.ts'

const TEXT = `DESCRIPTION >
    Sales per day.

    Second paragraph.

TOKEN reader READ

NODE first
DESCRIPTION >
    What counts.
SQL >
    %
    SELECT day, sold
    FROM sales

    WHERE shop = {{String(shop, 'NODE x')}}
      AND sold > 0

NODE daily
SQL >
    SELECT day, sum(sold) AS sold FROM first GROUP BY day
TYPE copy
TARGET_DATASOURCE daily_sales
COPY_SCHEDULE 0 * * * *
`

test('what the server prints is read and printed the same', () => {
  const pipe = parsePipeText(TEXT)
  expect(pipe?.nodes.map(({ name, type }) => [name, type])).toEqual([
    ['first', 'standard'],
    ['daily', 'copy'],
  ])
  expect(pipe?.nodes[0]?.sql).toBe(
    "%\nSELECT day, sold\nFROM sales\n\nWHERE shop = {{String(shop, 'NODE x')}}\n  AND sold > 0",
  )
  expect(pipe?.nodes[1]?.settings).toEqual({
    TARGET_DATASOURCE: 'daily_sales',
    COPY_SCHEDULE: '0 * * * *',
  })
  expect(pipe === null ? '' : printPipeText(pipe)).toBe(TEXT)
})

test('lines of SQL that look like directives stay SQL', () => {
  const nodes = [
    {
      name: 'a',
      description: '',
      sql: 'SELECT\nNODE b\nTYPE endpoint',
      type: 'standard',
      settings: {},
    },
  ] as const
  const printed = printPipeText({ description: '', head: [], nodes })
  expect(parsePipeText(printed)?.nodes).toEqual(nodes)
})

test('a text of another spelling is not read, so that nothing of it is lost', () => {
  for (const text of [
    '# comment\nNODE a\nSQL >\n    SELECT 1\n',
    'NODE a\nSQL >\nSELECT 1\n',
    'TYPE x\nnode a',
  ])
    expect(parsePipeText(text), text).toBeNull()
})
