import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { literalShape } from './literal-shape.ts'
import { replaceTables, type Replacement } from './replace-tables.ts'

const RESOURCES: ReadonlyMap<string, Replacement> = new Map([
  ['events', { form: 'table', sql: 'ws.t_1' }],
  ['node', { form: 'subquery', sql: 'SELECT 1' }],
  ['safe', { form: 'subquery', sql: 'SELECT * FROM ws.t_2 FINAL WHERE f', takesModifiers: true }],
] as const)

const replace = (sql: string): string =>
  replaceTables(sql, ({ name }) => RESOURCES.get(name) ?? null)

describe('replaceTables', () => {
  it.each([
    ['SELECT events.x FROM events WHERE 1', 'SELECT events.x FROM ws.t_1 AS `events` WHERE 1'],
    ['SELECT e.x FROM events e FINAL', 'SELECT e.x FROM ws.t_1 e FINAL'],
    ['SELECT * FROM events FINAL', 'SELECT * FROM ws.t_1 AS `events` FINAL'],
    ['SELECT * FROM node n, node', 'SELECT * FROM (SELECT 1) n, (SELECT 1) AS `node`'],
    [
      'SELECT * FROM safe AS s FINAL WHERE 1',
      'SELECT * FROM (SELECT * FROM ws.t_2 FINAL WHERE f) AS s WHERE 1',
    ],
    ['SELECT * FROM safe FINAL', 'SELECT * FROM (SELECT * FROM ws.t_2 FINAL WHERE f) AS `safe`'],
    [
      'SELECT * FROM t WHERE x IN events AND y IN (node)',
      'SELECT * FROM t WHERE x IN (SELECT * FROM ws.t_1) AND y IN (SELECT 1)',
    ],
    [
      'WITH events AS (SELECT * FROM events) SELECT * FROM events',
      'WITH events AS (SELECT * FROM ws.t_1 AS `events`) SELECT * FROM events',
    ],
    ['SELECT * FROM `events`/* c */', 'SELECT * FROM ws.t_1 AS `events`/* c */'],
  ])('rewrites %j', (sql, expected) => {
    expect(replace(sql)).toBe(expected)
  })

  it('refuses a result that would grow too long before it is built', () => {
    const long = { form: 'subquery', sql: 'x'.repeat(1_000_000) } as const
    const sql = `SELECT * FROM ${Array.from({ length: 5000 }, () => 't').join(', ')}`
    expect(() => replaceTables(sql, () => long)).toThrow('too many times')
  })

  it('keeps every byte when nothing is replaced', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const sql = `SELECT * FROM a, b JOIN c USING x WHERE y IN d ${text}`
        expect(replaceTables(sql, () => null)).toBe(sql)
      }),
    )
  })
})

describe('literalShape', () => {
  const same = (one: string, other: string): boolean => literalShape(one) === literalShape(other)

  it('is the same for statements that differ in literals, spaces and comments', () => {
    expect(
      same(
        "SELECT a FROM t WHERE b = 'x' AND c > 1",
        'select a FROM t'.replace('select', 'SELECT') + " /* c */ WHERE b  = 'y;--' AND c > 22",
      ),
    ).toBe(true)
    expect(same('SELECT $$a$$', "SELECT 'b'")).toBe(true)
  })

  it.each([
    ['SELECT 1', "SELECT '1'"],
    ['SELECT 1', 'SELECT 1.5'],
    ['SELECT a FROM t LIMIT 1', 'SELECT a FROM t LIMIT 2'],
    ['SELECT a FROM t LIMIT 1, 2', 'SELECT a FROM t LIMIT 1, 3'],
    ['SELECT a FROM numbers(1)', 'SELECT a FROM numbers(1000000)'],
    ["SELECT a FROM url('x')", "SELECT a FROM url('y')"],
    ["SELECT * FROM 'a'", "SELECT * FROM 'b'"],
    ["SELECT dictGet('a', 'x', 1)", "SELECT dictGet('b', 'x', 1)"],
    ["SELECT INTERVAL '1 day'", "SELECT INTERVAL '1 day 2 hour'"],
    ['SELECT t.1', 'SELECT t.2'],
    ['SELECT a FROM t', 'SELECT b FROM t'],
    ['SELECT -1', 'SELECT 1'],
  ])('tells %j from %j', (one, other) => {
    expect(same(one, other)).toBe(false)
  })
})
