import type { ColumnBody } from '@sandpiper/contracts'
import { expect, test } from 'vitest'

import { countRows, type RowsRequest, selectRows } from './rows-sql.ts'

const column = (name: string, type: string): ColumnBody => ({
  ...{ name, type, nullable: false, normalized_name: name },
  ...{ codec: null, default_value: null, jsonpath: null },
})
const request: RowsRequest = {
  name: 'orders',
  columns: [column('at', 'DateTime'), column('n', 'UInt32'), column('tags', 'Array(String)')],
  sortingKey: 'at, n',
  filters: [],
}

test('rows come newest first, and what decides between equal rows keeps pages apart', () => {
  expect(selectRows(request, 500, 1000)).toBe(
    'SELECT `at`, `n`, `tags`\nFROM `orders`\nORDER BY `at` DESC, `n` DESC, `tags`\nLIMIT 500 OFFSET 1000',
  )
})

test('the chosen column comes before the sorting key, once', () => {
  const order = (sort: RowsRequest['sort']): string | undefined =>
    selectRows({ ...request, sort }, 1, 0).split('\n')[2]
  expect(order({ column: 'n', descending: true })).toBe('ORDER BY `n` DESC, `at` DESC, `tags`')
  expect(order({ column: 'n', descending: false })).toBe('ORDER BY `n`, `at` DESC, `tags`')
  expect(order({ column: 'tags', descending: false })).toBe('ORDER BY `tags`, `at` DESC, `n` DESC')
})

test('an attack in a name or value stays a name or value', () => {
  const sql = countRows({
    ...request,
    name: 'a` UNION ALL SELECT 1 --',
    filters: [
      { c: 'n` = 1 OR `n', o: 'eq', v: "1' OR 1=1 --" },
      { c: 'at', o: 'has', v: "\\' OR 1" },
    ],
  })
  expect(sql).toBe(
    'SELECT count() AS rows\nFROM `a\\` UNION ALL SELECT 1 --`\n' +
      "WHERE `n\\` = 1 OR \\`n` = '1\\' OR 1=1 --'" +
      " AND positionCaseInsensitiveUTF8(toString(`at`), '\\\\\\' OR 1') > 0",
  )
})

test('states of aggregates are shown as what they come to, and sort nothing', () => {
  const states = [column('day', 'Date'), column('hits', 'AggregateFunction(count)')]
  const sql = selectRows({ ...request, columns: states, sortingKey: 'day' }, 10, 0)
  expect(sql).toContain('SELECT `day`, finalizeAggregation(`hits`) AS `hits`')
  expect(sql).toContain('ORDER BY `day` DESC\n')
})
