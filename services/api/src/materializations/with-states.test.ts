import { expect, test } from 'vitest'

import { canonicalNames } from './aggregate-names.ts'
import { withStates, type WithStates } from './with-states.ts'

const canonical = canonicalNames([
  ...['count', 'sum', 'min', 'max'].map((name) => ({ name, case_insensitive: 1 })),
  ...['uniq', 'quantile', 'argMax', 'any'].map((name) => ({ name, case_insensitive: 0 })),
])

function done(sql: string): Extract<WithStates, { problem: null }> {
  const result = withStates(sql, canonical)
  if (result.problem !== null) throw new Error(result.problem)
  return result
}

test.each([
  ['SELECT a, count() AS c FROM t GROUP BY a', 'SELECT a, countState() AS c FROM t GROUP BY a'],
  ['SELECT count() FROM t', 'SELECT countState() AS `count` FROM t'],
  ['SELECT SUM(x) s1, sum(x) AS s FROM t', null],
  [
    'SELECT quantile(0.9)(x) AS q, sumIf(x, y > (SELECT max(z) FROM u)) AS s FROM t',
    'SELECT quantileState(0.9)(x) AS q, sumIfState(x, y > (SELECT max(z) FROM u)) AS s FROM t',
  ],
  [
    'SELECT count(DISTINCT a) AS d, COUNT(*) AS n FROM t',
    'SELECT uniqExactState( a) AS d, countState(*) AS n FROM t',
  ],
  [
    'SELECT uniqState(a) AS u, t.b FROM t GROUP BY t.b',
    'SELECT uniqState(a) AS u, t.b AS `b` FROM t GROUP BY t.b',
  ],
  [
    'SELECT toDate(at), any(x) AS x FROM t GROUP BY 1 ORDER BY 1 LIMIT 3 -- top',
    'SELECT toDate(at) AS `toDate_at`, anyState(x) AS x FROM t GROUP BY 1',
  ],
  [
    'WITH 1 AS n SELECT n, max(x) AS m FROM t GROUP BY n',
    'WITH 1 AS n SELECT n, maxState(x) AS m FROM t GROUP BY n',
  ],
])('%s', (sql, expected) => {
  if (expected === null) expect(withStates(sql, canonical).problem).toContain('computes with')
  else expect(done(sql).sql).toBe(expected)
})

test('what an endpoint merges is known of each state, parameters of the function included', () => {
  const { columns } = done(
    'SELECT a, quantile(0.9)(x) AS q, uniqState(y) AS u, sumMerge(z) AS z FROM t GROUP BY a',
  )
  expect(columns?.map(({ merged }) => merged)).toEqual([
    ...[null, 'quantileMerge(0.9)(`q`)', 'uniqMerge(`u`)', 'sumMergeMerge(`z`)'],
  ])
})

test('rows that are not aggregated stay as they are, without their order', () => {
  expect(done('SELECT * FROM t WHERE (SELECT count() FROM u) > 1')).toMatchObject({
    columns: null,
    warnings: [],
  })
  const ordered = done("SELECT a, ' ORDER BY ' AS b FROM t ORDER BY a")
  expect(ordered).toMatchObject({ sql: "SELECT a, ' ORDER BY ' AS b FROM t", columns: null })
  expect(ordered.warnings).toHaveLength(1)
})

test.each([
  'SELECT sum(x) / count() AS ratio FROM t',
  'SELECT sum(x) AS s, s / 2 AS half FROM t',
  'SELECT a, count() AS c FROM t GROUP BY a HAVING c > 1',
  'SELECT DISTINCT a FROM t',
  'SELECT a, count() AS c FROM t GROUP BY a WITH TOTALS',
  'SELECT count() AS c FROM t UNION ALL SELECT count() AS c FROM u',
  'SELECT *, count() AS c FROM t GROUP BY ALL',
  'SELECT a, sum(x) OVER (PARTITION BY a) AS s FROM t',
  'SELECT a AS x, count() AS x FROM t GROUP BY a',
  'INSERT INTO t',
])('%s has no states: it is told why', (sql) => {
  expect(withStates(sql, canonical).problem).not.toBeNull()
})
