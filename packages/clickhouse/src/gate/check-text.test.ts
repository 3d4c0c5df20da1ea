import { expect, test } from 'vitest'

import { checkText } from './check-text.ts'

test.each([
  'SELECT 1',
  'WITH a AS (SELECT 1) SELECT * FROM a',
  '(SELECT 1) UNION ALL (SELECT 2);',
  "SELECT 'a;b' -- ; c\n",
  'FROM t SELECT a',
  'SELECT format FROM t',
  "SELECT toDate('2020-01-01') AS `my day (UTC)`",
])('%s may be sent to the parser', (sql) => {
  expect(checkText(sql)).toMatchObject({ kind: 'sendable' })
})

test.each([
  ['SELECT 1; DROP TABLE x', 'Exactly one statement'],
  ['SELECT 1; SELECT 2', 'Exactly one statement'],
  ['SELECT $a$ ; $a$; DROP TABLE x', 'Exactly one statement'],
  ["SELECT '\\'; DROP TABLE x", 'Syntax error'],
  ['SELECT 1 PARALLEL WITH DROP TABLE x', 'Exactly one statement'],
  ['', 'Exactly one statement'],
  ['-- nothing', 'Exactly one statement'],
  ['DROP TABLE x', 'Only SELECT'],
  ['graph = 1 SELECT 1', 'Only SELECT'],
  ['EXPLAIN SELECT 1', 'Only SELECT'],
  ['INSERT INTO x SELECT 1', 'Only SELECT'],
  ['SELECT 1 FORMAT Null', 'FORMAT'],
  ["SELECT 1 INTO OUTFILE 'x'", 'INTO OUTFILE'],
  ['SELECT 1 SETTINGS max_threads = 1', 'SETTINGS'],
  ['SELECT * FROM (SELECT 1 SETTINGS readonly = 0)', 'SETTINGS'],
  ['SELECT 1 AS `a\nb`', 'line breaks'],
  ['SELECT 1 AS `a\\nb`', 'line breaks'],
  ['SELECT 1 AS "a\\x0ab"', 'line breaks'],
  ['SELECT 1 AS `a (alias b)`', 'Names with'],
  ['SELECT * FROM {t:Identifier}', 'Identifier'],
  ['SELECT * FROM { t : identifier }', 'Identifier'],
  ['SELECT \0 1', 'Syntax error'],
  [`SELECT '${'x'.repeat(1_000_001)}'`, 'longer'],
])('%s is never sent: %s', (sql, reason) => {
  expect(checkText(sql)).toEqual({
    kind: 'refused',
    reason: expect.stringContaining(reason) as string,
  })
})

test.each([
  ['WITH a AS (SELECT 1), b AS MATERIALIZED (SELECT 2) SELECT * FROM a, b', ['a', 'b']],
  ['WITH a (x, y) AS (SELECT 1, 2) SELECT x FROM a', ['a']],
  ['WITH `my cte` AS NOT MATERIALIZED (SELECT 1) SELECT * FROM `my cte`', ['my cte']],
  ['WITH (SELECT 1) AS n SELECT n', []],
])('names of CTEs are found in %s', (sql, names) => {
  expect(checkText(sql)).toEqual({ kind: 'sendable', cteNames: new Set(names) })
})
