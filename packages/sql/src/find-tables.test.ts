import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findTables } from './find-tables.ts'

/** `name`, `db.name`, `?name` for IN, `!` for a parameter, with `:alias` and `+modifiers`. */
function tables(sql: string): string {
  const marks = { table: '', in: '?', parameter: '!' }
  return findTables(sql)
    .references.map(({ kind, database, name, alias, modifiers }) => {
      const qualified = database === null ? name : `${database}.${name}`
      return `${marks[kind]}${qualified}${alias === null ? '' : `:${alias}`}${modifiers === null ? '' : `+${modifiers.text}`}`
    })
    .join(' ')
}

const functions = (sql: string): string[] => findTables(sql).functions.map(({ name }) => name)

describe('findTables', () => {
  it.each([
    ['SELECT 1', ''],
    ['', ''],
    ['SELECT * FROM events', 'events'],
    ['SELECT * FROM `my events` WHERE 1', 'my events'],
    ['SELECT * FROM "ev" e', 'ev:e'],
    ["SELECT * FROM 'events' AS q", 'events:q'],
    ['select * from a . b as c', 'a.b:c'],
    ['SELECT * FROM events FINAL', 'events+FINAL'],
    [
      'SELECT * FROM events AS e FINAL SAMPLE 1/10 OFFSET 1/2 WHERE 1',
      'events:e+FINAL SAMPLE 1/10 OFFSET 1/2',
    ],
    ['SELECT * FROM events AS final FINAL', 'events:final+FINAL'],
    ['SELECT * FROM a, b AS c, d', 'a b:c d'],
    ['SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (x), d', 'a b c d'],
    ['SELECT * FROM a GLOBAL ANY LEFT JOIN b USING x, y', 'a b'],
    ['SELECT * FROM a ASOF JOIN b ON a.x = b.x AND a.t >= b.t', 'a b'],
    [
      'SELECT * FROM a SEMI LEFT JOIN b USING x ANTI JOIN c USING x CROSS JOIN d PASTE JOIN e',
      'a b c d e',
    ],
    ['SELECT * FROM a JOIN b ON left(a.x, 1) = right(b.x, 1) JOIN c ON 1', 'a b c'],
    ['SELECT * FROM a JOIN b ON a.x = window AND limit = 1 JOIN c USING x', 'a b c'],
    ['SELECT * FROM a ARRAY JOIN arr AS x, other', 'a'],
    ['SELECT * FROM a LEFT ARRAY JOIN arr AS x JOIN b ON b.x = x', 'a b'],
    ['SELECT * FROM (a AS x JOIN b ON x.i = b.i) JOIN c USING i', 'a:x b c'],
    ['SELECT * FROM (SELECT * FROM a) AS s JOIN (SELECT * FROM b) USING x', 'a b'],
    ['SELECT * FROM (((SELECT 1 FROM a) UNION ALL (SELECT 2 FROM b)))', 'a b'],
    ['SELECT * FROM (WITH q AS (SELECT * FROM a) SELECT * FROM q) JOIN q USING x', 'a q'],
    ['SELECT (SELECT max(x) FROM b) AS m FROM a', 'b a'],
    ['SELECT * FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.x = a.x)', 'a b'],
    [
      'SELECT 1 FROM a UNION ALL SELECT 2 FROM b EXCEPT SELECT 3 FROM c INTERSECT DISTINCT (SELECT 4 FROM d)',
      'a b c d',
    ],
    ['SELECT * EXCEPT (x, y) FROM a', 'a'],
    ['SELECT * EXCEPT x FROM a', 'a'],
    ['FROM a SELECT x WHERE y IN b', 'a ?b'],
    ['SELECT * FROM (FROM a JOIN b USING x SELECT x)', 'a b'],
    ['WITH b AS (SELECT 1) FROM a, b SELECT x', 'a'],
  ])('reads the FROM clause of %j', (sql, expected) => {
    expect(tables(sql)).toBe(expected)
  })

  it.each([
    ['WITH a AS (SELECT * FROM t) SELECT * FROM a JOIN b USING x', 't b'],
    ['WITH a AS (SELECT * FROM a WHERE x) SELECT * FROM a', 'a'],
    [
      'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r JOIN t USING n) SELECT * FROM r',
      't',
    ],
    ['WITH p AS (SELECT * FROM q), q AS (SELECT * FROM t) SELECT * FROM p', 't'],
    ['WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b', ''],
    ['WITH a AS (SELECT 1) SELECT * FROM (SELECT * FROM (SELECT * FROM a))', ''],
    ['WITH a AS (SELECT 1) SELECT * FROM a UNION ALL SELECT * FROM a', ''],
    [
      'SELECT * FROM a UNION ALL WITH a AS (SELECT 1) SELECT * FROM a UNION ALL SELECT * FROM a',
      'a a',
    ],
    ['WITH a AS (SELECT 1) SELECT * FROM db.a', 'db.a'],
    [
      'WITH a AS MATERIALIZED (SELECT * FROM t), b(x) AS NOT MATERIALIZED (SELECT 1) SELECT * FROM a, b',
      't',
    ],
    ['WITH (SELECT max(x) FROM t) AS m SELECT m FROM m', 't m'],
    ['WITH 1 AS one, x -> x + 1 AS f, (1, 2) AS s SELECT f(one) FROM t WHERE x IN s', 't'],
    ['WITH "a b" AS (SELECT 1) SELECT * FROM `a b`, `A B`', 'A B'],
    ['SELECT x FROM t GROUP BY x WITH TOTALS ORDER BY x WITH FILL FROM toDate(1) TO 2', 't'],
  ])('knows which names are CTEs in %j', (sql, expected) => {
    expect(tables(sql)).toBe(expected)
  })

  it.each([
    ['SELECT x IN a FROM t', '?a t'],
    [
      'SELECT * FROM t WHERE x NOT IN a AND y GLOBAL IN b AND z GLOBAL NOT IN db.c',
      't ?a ?b ?db.c',
    ],
    ['SELECT * FROM t WHERE (x, y) IN (a)', 't ?a'],
    ['SELECT * FROM t WHERE x IN ((`a`))', 't ?a'],
    ['SELECT * FROM t WHERE x IN (SELECT y FROM b)', 't b'],
    [
      'SELECT * FROM t WHERE x IN (1, 2) AND y IN (a, b) AND z IN tuple(1) AND w IN arr[1] AND v IN a.1',
      't',
    ],
    ['SELECT * FROM t WHERE in(x, a) OR notIn(y, tuple(1)) OR globalNotNullIn(z, (b))', 't ?a ?b'],
    [
      'SELECT * FROM t WHERE x IN {ids:Array(String)} AND y IN {name: Identifier}',
      't !{name: Identifier}',
    ],
    ['SELECT * FROM {name:Identifier}', '!{name:Identifier}'],
    ['WITH a AS (SELECT 1) SELECT * FROM t WHERE x IN a', 't'],
    ['SELECT a AS in FROM t', 't'],
  ])('finds what IN reads in %j', (sql, expected) => {
    expect(tables(sql)).toBe(expected)
  })

  it.each([
    ['SELECT extract(year FROM day), substring(a FROM 2), trim(BOTH x FROM y) FROM t', 't'],
    ['SELECT from, to FROM t', 't'],
    ['SELECT from FROM t', 't'],
    ['SELECT a.from, from AS f FROM t', 't'],
    ['SELECT x, FROM t', 't'],
    ['SELECT x IS NOT DISTINCT FROM y FROM t WHERE a IS DISTINCT FROM b', 't'],
    ["SELECT 'FROM a', `FROM b`, $$FROM c$$ /* FROM d */ FROM t -- FROM e", 't'],
    ['SELECT sum(x) OVER (PARTITION BY y) FROM t WINDOW w AS (ORDER BY z) QUALIFY 1', 't'],
    ['SELECT (EXPLAIN SELECT * FROM t)', 't'],
  ])('takes no column for a table in %j', (sql, expected) => {
    expect(tables(sql)).toBe(expected)
  })

  it('lists table functions apart and reads the queries inside them', () => {
    expect(
      functions(
        "SELECT * FROM numbers(10), url('x', CSV) u JOIN view(SELECT * FROM t) ON 1, (VALUES (1, 2)) v",
      ),
    ).toEqual(['numbers', 'url', 'view', 'values'])
    expect(
      tables('SELECT * FROM numbers(10) n JOIN view(SELECT * FROM t) USING x JOIN b USING x'),
    ).toBe('t b')
  })

  it('refuses brackets nested too deep instead of overflowing the stack', () => {
    expect(() => findTables(`SELECT ${'('.repeat(100_000)}`)).toThrow('nested more than')
    expect(() => findTables(`SELECT * FROM ${'(a,'.repeat(100_000)}`)).toThrow('nested more than')
  })

  it('never throws anything else, and its ranges are the text of names', () => {
    const words = [
      'SELECT',
      'FROM',
      'WITH',
      'AS',
      '(',
      ')',
      ',',
      'a',
      'b.c',
      '`q`',
      'JOIN',
      'ARRAY',
      'IN',
      'ON',
      'USING',
      'UNION',
      'EXCEPT',
      'FINAL',
      "'s'",
      '.',
      '*',
      '1',
      '{p:Identifier}',
      '[',
      '}',
      '$',
      'NOT',
      'SAMPLE',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), (parts) => {
        const sql = parts.join(' ')
        for (const { start, end } of findTables(sql).references) {
          expect(sql.slice(start, end).trim()).not.toBe('')
          expect(start).toBeLessThan(end)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('reads texts made to be quadratic in linear work', () => {
    const times = 40_000
    for (const piece of [
      'UNION ALL FROM a ',
      'IN (a) ',
      '(FROM x) ',
      'a.b.c.d.',
      'JOIN a ON ',
      'WITH a AS (SELECT 1) ',
    ]) {
      expect(findTables(`WITH ${piece.repeat(times)}`).functions).toEqual([])
    }
    const ctes = Array.from({ length: times }, (_, n) => `c${n} AS (WITH d AS (SELECT 1) SELECT 1)`)
    expect(findTables(`WITH ${ctes.join(', ')} SELECT * FROM c1, c${times}`).references).toEqual([
      expect.objectContaining({ name: `c${times}` }),
    ])
  })
})
