// What could widen a filter or a list without naming a table: names of the caller that the engine takes for names of ours, and judgements
// that are carried from one statement to another.
import {
  createClickHouse,
  createGate,
  ensureEmptyDatabase,
  querySettings,
  type ClickHouse,
  type Gate,
} from '@sandpiper/clickhouse'
import { plainDataSource } from '@sandpiper/datafile'
import { emptyMap, tableName, type DeploymentMap } from '@sandpiper/deployment'
import { compileSql, type Authority, type CompiledQuery } from '@sandpiper/pipes'
import { startEngine, type RunningEngine } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const WORKSPACE = '11111111-2222-3333-4444-555555555555'
const DATABASE = `ws_${WORKSPACE.replaceAll('-', '')}`
const ID = `t_${'a'.repeat(32)}`
const AT = '2026-11-21T00:00:00.000Z'
const TABLE = `${DATABASE}.${tableName(ID, 1)}`
let engine: RunningEngine
let clickhouse: ClickHouse
let gate: Gate

beforeAll(async () => {
  engine = await startEngine()
  clickhouse = createClickHouse({
    url: 'http://localhost',
    socketPath: engine.socketPath,
    loadsFiles: true,
  })
  await ensureEmptyDatabase(clickhouse)
  await clickhouse.command({ sql: `CREATE DATABASE ${DATABASE} ENGINE = Atomic` })
  await clickhouse.command({
    sql: `CREATE TABLE ${TABLE} (org String, n UInt64, tags Array(String)) ENGINE = MergeTree ORDER BY org`,
  })
  await clickhouse.command({
    sql: `INSERT INTO ${TABLE} VALUES ('acme', 1, ['a']), ('other', 1234567, ['b'])`,
  })
  gate = createGate(clickhouse)
})
afterAll(async () => {
  await clickhouse.close()
  await engine.stop()
})

function mapWith(): DeploymentMap {
  const column = (name: string, type: string) => ({
    ...{ name, type, jsonPath: `$.${name}`, default: null, codec: null },
  })
  const file = plainDataSource('events', [
    column('org', 'String'),
    column('n', 'UInt64'),
    column('tags', 'Array(String)'),
  ])
  const times = { createdAt: AT, updatedAt: AT }
  const events = { id: ID, generation: 1, schemaVersion: 1, file, ...times }
  return { ...emptyMap(), dataSources: { events } }
}

function compileFiltered(sql: string, filter: string): CompiledQuery {
  const authority: Authority = { mayRead: () => ({ allowed: true, filter }), seesNames: false }
  const scope = {
    workspaceId: WORKSPACE,
    map: mapWith(),
    params: {},
    secrets: new Map(),
    authority,
  }
  return compileSql(scope, { sql })
}

async function run({ sql, params, settings }: CompiledQuery): Promise<string> {
  const reply = await clickhouse.query({
    ...{ sql, params, database: 'nothing', format: 'TSVRaw' },
    settings: querySettings({ timeoutSeconds: 5, resultBytesMax: 1e8 }, settings),
  })
  const chunks: Uint8Array[] = []
  for await (const chunk of reply.body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const NAMED_LAMBDAS = [
  '(x, y) -> 1 AS equals',
  '((x, y) -> 1) AS equals',
  '(x, y) -> 1 AS `equals`',
  '(x, y) -> 1 AS "\\x65quals"',
  '(x, y) -> 1 AS f, f AS equals',
  'lambda(tuple(x, y), 1) AS equals',
  "1 AS one, (SELECT 2) AS two, (`a`, b) -> NOT (a = 'none') AS equals",
]

describe('a filter holds whatever the caller names so', () => {
  test.each(NAMED_LAMBDAS)('a lambda in place of a function: WITH %s', async (named) => {
    for (const sql of [
      `WITH ${named} SELECT org FROM events`,
      `WITH ${named} SELECT * FROM (SELECT org FROM events)`,
      `WITH ${named}, c AS (SELECT org FROM events) SELECT * FROM c`,
      `SELECT 1 UNION ALL WITH ${named} SELECT count() FROM events`,
      `SELECT (WITH ${named} SELECT count() FROM events)`,
      `SELECT arrayMap(${named.split(',').slice(-2).join(',')}, [1]) FROM events`,
    ]) {
      const compiled = compileFiltered(sql, "org = 'acme'")
      await expect(gate.check(compiled), sql).rejects.toMatchObject({ status: 400 })
    }
  })

  test('without the gate such a lambda opens the filter on this engine', async () => {
    const sql = 'WITH (x, y) -> 1 AS equals SELECT org FROM events'
    expect(await run(compileFiltered(sql, "org = 'acme'"))).toBe('acme\nother\n')
  })

  test.each([
    ["WITH 'acme' AS tenant SELECT org FROM events", "tenant = 'acme'"],
    ["SELECT org, 'acme' AS tenant FROM events", "tenant = 'acme'"],
    ["WITH tuple('acme') AS t SELECT org FROM events", "t.1 = 'acme'"],
    [
      "WITH CAST(tuple('acme'), 'Tuple(x String)') AS events SELECT org FROM events",
      "events.x = 'acme'",
    ],
    ['WITH 1 AS end SELECT org FROM events', 'end = 1'],
    ['WITH 1 AS x SELECT org FROM events', 'arrayExists(y -> y = tags[1], tags) OR x = 1'],
    ['WITH 1 AS x SELECT org FROM events', 'arrayExists(x -> x = 1, [2]) OR x = 1'],
  ])(
    'a filter over a column that is not there answers nothing: %s with %s',
    async (sql, filter) => {
      const compiled = compileFiltered(sql, filter)
      await expect(gate.check(compiled)).rejects.toMatchObject({ code: 'query.refused' })
    },
  )

  test.each([
    ["org = 'acme' AND n < 5", 'acme\n'],
    ["arrayExists(x -> x = 'a', tags)", 'acme\n'],
    ["org IN ('acme', 'b') AND lower(org) LIKE 'a%' AND NOT (n = 7) AND n IS NOT NULL", 'acme\n'],
    ['CASE WHEN n > 5 THEN 0 ELSE 1 END', 'acme\n'],
    ["(org = 'acme') OR (`n` = 77)", 'acme\n'],
  ])('the filter %s is applied before all that a caller writes', async (filter, expected) => {
    for (const sql of [
      'SELECT org FROM events',
      "WITH 'other' AS org SELECT events.org FROM events",
      'WITH e AS (SELECT * FROM events) SELECT org FROM e AS x',
      'SELECT org FROM (SELECT org FROM events AS org) AS events',
      'SELECT a.org FROM events AS a JOIN events AS b ON 1 = 1',
      'SELECT org FROM events WHERE 1 OR n > 0',
      "SELECT org FROM events WHERE org IN (SELECT org FROM events) OR org = 'other'",
      'SELECT org FROM view(SELECT * FROM events)',
      'SELECT * EXCEPT (n, tags) FROM events',
    ]) {
      const compiled = compileFiltered(sql, filter)
      await gate.check(compiled)
      expect(await run(compiled), sql).toBe(expected)
    }
  })
})

describe('a judgement is carried to the same statement with other values only', () => {
  function counting(): { gate: Gate; asked: () => number } {
    let asked = 0
    const client: ClickHouse = {
      ...clickhouse,
      query: (request) => {
        asked++
        return clickhouse.query(request)
      },
    }
    return { gate: createGate(client), asked: () => asked }
  }

  function filled(texts: readonly string[], values: readonly string[]): CompiledQuery {
    const sql = texts.map((text, index) => text + (values[index] ?? '')).join('')
    const none = { params: {}, settings: {}, cacheTtlSeconds: null, userNames: new Map() }
    const tables = sql.includes(TABLE)
      ? [{ database: DATABASE, table: tableName(ID, 1), userName: 'events' }]
      : []
    return { ...none, tables, sql, skeleton: { texts, values } }
  }

  test('values of a template are exchanged without asking or reading again', async () => {
    const { gate: fresh, asked } = counting()
    const texts = [`SELECT org FROM ${TABLE} WHERE org = `, ' AND n > toUInt64(', ')']
    for (const values of [
      ["'a'", "'1'"],
      ["'b c'", "'2'"],
      ["''", "'33'"],
    ])
      await fresh.check(filled(texts, values))
    expect(asked()).toBe(1)
    // A number in place of a text is another statement, although this one's tree would be allowed too.
    await fresh.check(filled(texts, ["'a'", '1']))
    expect(asked()).toBe(2)
  })

  test('a value that bounds or names something is judged anew', async () => {
    const { gate: fresh, asked } = counting()
    await fresh.check(filled(['SELECT * FROM numbers(', ')'], ['10']))
    await expect(
      fresh.check(filled(['SELECT * FROM numbers(', ')'], ['10000000000000'])),
    ).rejects.toMatchObject({ code: 'query.refused' })
    const values = ['SELECT * FROM values(', ", 'x')"]
    await fresh.check(filled(values, ["'a String'"]))
    await expect(fresh.check(filled(values, ["'a String DEFAULT file(1)'"]))).rejects.toMatchObject(
      { code: 'query.refused' },
    )
    const before = asked()
    for (const limit of ['10', '11']) await fresh.check(filled(['SELECT 1 LIMIT ', ''], [limit]))
    expect(asked()).toBe(before + 2)
  })

  test('a skeleton that is not the statement, or whose values are more than one literal, is not believed', async () => {
    const texts = ['SELECT ', ' AS a']
    // These two are one literal each, in a spelling that is never exchanged unseen.
    const lies = { "'\\', file(`/etc/passwd`), '": true, "''''": true }
    for (const value of [
      "file('/etc/passwd')",
      "'a', file('/etc/passwd'), 'b'",
      '1 + sleep(1)',
      "'' || hostName() || ''",
      '1, hostName()',
      ...Object.keys(lies),
    ]) {
      const { gate: fresh, asked } = counting()
      await fresh.check(filled(texts, ["'harmless'"]))
      await fresh.check(filled(texts, ['1']))
      const attack = fresh.check(filled(texts, [value]))
      if (value in lies) await expect(attack, value).resolves.toBeUndefined()
      else await expect(attack, value).rejects.toMatchObject({ code: 'query.refused' })
      if (value !== "''''") expect(asked(), value).toBe(3)
      const lie = { ...filled(texts, ['1']), sql: "SELECT file('/etc/passwd') AS a" }
      await expect(fresh.check(lie)).rejects.toMatchObject({ code: 'query.refused' })
    }
  })

  test('a text that is too long to be read whole is refused, whatever its beginning was judged to be', async () => {
    const { gate: fresh } = counting()
    await fresh.check(filled(['SELECT 1'], []))
    const hidden = `SELECT 1${'--\n'.repeat(199_999)}; DROP TABLE x`
    for (const sql of [hidden, `SELECT 1${' '.repeat(1_000_000)}; DROP TABLE x`]) {
      await expect(fresh.check(filled([sql], []))).rejects.toMatchObject({ code: 'query.refused' })
      const { skeleton: _, ...plain } = filled([sql], [])
      await expect(fresh.check(plain)).rejects.toMatchObject({ code: 'query.refused' })
    }
  })

  test('statements that differ in anything but a literal never share one', async () => {
    const { gate: fresh, asked } = counting()
    const sqls = [
      'SELECT 1',
      'SELECT 1.5',
      "SELECT '1'",
      'SELECT 1, 1',
      'SELECT (1)',
      'SELECT [1]',
      'SELECT -1',
      'SELECT 1 AS a',
      'SELECT 1 LIMIT 1',
      'SELECT 1 LIMIT 2',
      'SELECT tuple(1).1',
      'SELECT (1, 2).1',
      'SELECT (1, 2).2',
      "SELECT '\\1'",
      'SELECT `1`',
      "SELECT INTERVAL '1 day'",
      "SELECT INTERVAL '1 hour'",
      'SELECT * FROM numbers(1)',
      'SELECT * FROM numbers(2)',
    ]
    for (const sql of sqls) {
      await fresh.check({ ...filled([sql], []) }).catch((err: unknown) => {
        expect(err).toMatchObject({ status: 400 })
      })
    }
    expect(asked()).toBe(sqls.length)
    for (const sql of sqls) await fresh.check({ ...filled([sql], []) }).catch(() => undefined)
    expect(asked() - sqls.length).toBeLessThanOrEqual(1)
  })
})

describe('APPLY', () => {
  const events = { database: DATABASE, table: tableName(ID, 1), userName: 'events' }
  const of = (sql: string): CompiledQuery => ({
    ...{ sql, params: {}, settings: {}, tables: [events], cacheTtlSeconds: null },
    userNames: new Map(),
  })

  test.each([
    'SELECT * APPLY(toString)',
    'SELECT * EXCEPT (org, tags) APPLY(sum)',
    'SELECT COLUMNS(n) APPLY(x -> x + 1) APPLY(toString)',
    'SELECT COLUMNS(n) APPLY(quantile(0.9))',
    'SELECT COLUMNS(n) APPLY(quantiles(0.5, 0.9))',
    'SELECT COLUMNS(n) APPLY max',
    "SELECT COLUMNS('^n$') APPLY(toString, 'text_')",
    'SELECT * APPLY (x -> toString(x))',
  ])('%s', async (select) => {
    const query = of(`${select} FROM ${TABLE}`)
    await expect(gate.check(query)).resolves.toBeUndefined()
    expect(await run(query)).not.toBe('')
  })

  test.each([
    'SELECT * APPLY(file)',
    'SELECT * APPLY file',
    'SELECT * APPLY(`file`)',
    'SELECT * APPLY(FILE)',
    'SELECT * APPLY(x -> file(x))',
    'SELECT * APPLY x -> file(x)',
    'SELECT * APPLY((x) -> file(x))',
    'SELECT * APPLY(x -> (SELECT count() FROM system.tables))',
    `SELECT * APPLY(x -> (SELECT count() FROM ${TABLE}))`,
    'SELECT * APPLY(x -> x IN system.one)',
    'SELECT * APPLY(x -> arrayMap(y -> sleep(1), [x]))',
    'SELECT * APPLY(quantile(sleep(1)))',
    'SELECT * APPLY(((x, y) -> 1) AS equals)',
    'SELECT * APPLY(toString) APPLY(x -> hostName())',
    'SELECT 1 AS apply, * /* APPLY(sum) */ APPLY(file)',
    'SELECT apply.a, * APPLY(file)',
    "SELECT * APPLY/**/(file, 'x')",
    'SELECT * apply(currentUser)',
  ])('refuses %s', async (select) => {
    await expect(gate.check(of(`${select} FROM ${TABLE}`))).rejects.toMatchObject({ status: 400 })
  })
})
