// The gate against the real engine: attacks 5-9, 35 and 47 of the attack list, aimed at the gate itself. The last part runs
// some of them without the gate, on the same engine, to show that it is the gate that stops them.
import type { CompiledQuery } from '@sandpiper/pipes'
import { startEngine, type RunningEngine } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ClickHouse } from '../client-contract.ts'
import { createClickHouse } from '../create-clickhouse.ts'
import { ensureEmptyDatabase } from '../empty-database.ts'
import { querySettings } from '../query-settings.ts'
import { createGate, type Gate } from './create-gate.ts'

const OWN = { database: 'ws_own', table: 't_own_1', userName: 'events' }
const T = 'ws_own.t_own_1'
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
  for (const [database, table] of [
    ['ws_own', 't_own_1'],
    ['ws_other', 't_other_1'],
  ]) {
    await clickhouse.command({ sql: `CREATE DATABASE ${database} ENGINE = Atomic` })
    await clickhouse.command({
      sql: `CREATE TABLE ${database}.${table} (a UInt64, s String, ts DateTime, arr Array(UInt64), j JSON) ENGINE = MergeTree ORDER BY a`,
    })
    await clickhouse.command({
      sql: `INSERT INTO ${database}.${table} SELECT 42, 'secret', now(), [1], '{}'`,
    })
  }
  gate = createGate(clickhouse)
})
afterAll(async () => {
  await clickhouse.close()
  await engine.stop()
})

function compiled(sql: string, more: Partial<CompiledQuery> = {}): CompiledQuery {
  const tables = sql.includes(T) ? [OWN] : []
  return {
    sql,
    params: {},
    settings: {},
    tables,
    cacheTtlSeconds: null,
    userNames: new Map(),
    ...more,
  }
}

async function run(sql: string, settings: Record<string, number> = {}): Promise<string> {
  const reply = await clickhouse.query({
    sql,
    settings: { ...querySettings({ timeoutSeconds: 5, resultBytesMax: 1e8 }), ...settings },
    format: 'TSVRaw',
  })
  const chunks: Uint8Array[] = []
  for await (const chunk of reply.body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('what real pipes write passes, and then runs', () => {
  test.each([
    'SELECT 1',
    `SELECT count() AS c, sum(a), uniqIf(s, a > 1) AS u FROM ${T} WHERE s != '' GROUP BY s HAVING c > 0 ORDER BY c DESC LIMIT 10 OFFSET 0`,
    `WITH x AS (SELECT a, s FROM ${T}), (SELECT max(a) FROM ${T}) AS top SELECT x.a, top FROM x AS x JOIN ${T} AS t USING (a) LIMIT 5`,
    `WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r`,
    `SELECT sum(a) OVER (PARTITION BY s ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), row_number() OVER w FROM ${T} WINDOW w AS (ORDER BY a)`,
    `SELECT a FROM ${T} WHERE a IN (SELECT a FROM ${T}) AND a IN (1, 42) AND a NOT IN ${T}.a`.replace(
      ` AND a NOT IN ${T}.a`,
      '',
    ),
    `SELECT arrayMap(x -> x + 1, arr), arrayJoin(arr), a::Float64, CAST(a AS String), CASE WHEN a > 1 THEN 'x' ELSE 'y' END, a > 1 ? 1 : 2 FROM ${T}`,
    `SELECT toStartOfInterval(ts, INTERVAL 1 DAY) AS d, toStartOfHour(ts), dateDiff('day', ts, now()), formatDateTime(ts, '%F') FROM ${T} ORDER BY d WITH FILL STEP 86400`,
    `SELECT * EXCEPT (j), COLUMNS('^a') FROM ${T}`,
    `SELECT * REPLACE (a + 1 AS a) FROM ${T} PREWHERE a > 1 LIMIT 1 BY s`,
    `SELECT quantile(0.9)(a), quantilesTiming(0.5, 0.9)(a), topK(3)(s), argMax(s, ts), groupUniqArray(s), countDistinct(s), count(DISTINCT s) FROM ${T}`,
    `SELECT JSONExtractString('{"a":1}', 'a'), j.a.b::String, visitParamExtractString('{}', 'x') FROM ${T}`,
    `SELECT number FROM numbers(10) UNION ALL SELECT 1 UNION DISTINCT SELECT 2`,
    `WITH x AS (SELECT a FROM ${T}), 1 AS one SELECT a + one FROM x UNION ALL SELECT a FROM ${T} UNION ALL (SELECT a + one FROM x)`,
    `(SELECT 1 AS x) EXCEPT (SELECT 2) INTERSECT (SELECT 1)`,
    `SELECT * FROM values('a UInt8, b String', (1, 'x'), (2, 'y'))`,
    `SELECT * FROM view(SELECT * FROM ${T})`,
    `SELECT * FROM generateSeries(1, 10)`,
    `SELECT addDays(toDate('2026-01-01'), number) FROM numbers(toUInt64(dateDiff('day', toDate('2026-01-01'), toDate('2026-02-01'))))`,
    `SELECT s, count() FROM ${T} GROUP BY GROUPING SETS ((s), (a)) `,
    `SELECT s FROM ${T} GROUP BY s WITH TOTALS`,
    `SELECT \`Total (USD)\` FROM (SELECT 1 AS \`Total (USD)\`)`,
    `SELECT a FROM ${T} ASOF JOIN (SELECT 42 AS a, now() AS ts) AS r USING (a, ts)`,
    `SELECT * FROM ${T} ARRAY JOIN arr AS x LEFT ARRAY JOIN [1] AS y`,
    `SELECT exists(SELECT 1), a BETWEEN 1 AND 2, s LIKE 'x', s ILIKE '%x%', NOT a, -a, a IS NULL, (1, 2).1, [1][1], map('k', 1)['k'] FROM ${T}`,
    `SELECT formatRowNoNewline('JSONEachRow', *) FROM ${T}`,
    `SELECT avgMerge(x) FROM (SELECT avgState(a) AS x FROM ${T})`,
    `SELECT {v:String}`,
    `SELECT 'a\nTableIdentifier ws_other.t_other_1', $$ ; DROP TABLE x $$, 'it''s', 'it\\'s'`,
  ])('%s', async (sql) => {
    const query = compiled(sql, sql.includes('{v:') ? { params: { v: "x'; DROP" } } : {})
    await expect(gate.check(query)).resolves.toBeUndefined()
    await clickhouse.query({
      sql,
      params: query.params,
      database: 'nothing',
      settings: querySettings({ timeoutSeconds: 5, resultBytesMax: 1e8 }),
    })
  })
})

describe('attack 47: no second statement reaches the engine', () => {
  test.each([
    `SELECT 1; DROP TABLE ${T}`,
    `SELECT 1;DROP TABLE ${T};`,
    `SELECT 1 /* ; */; DROP TABLE ${T}`,
    `SELECT '\\'; DROP TABLE ${T} -- '`,
    `SELECT $x$ a $x$; DROP TABLE ${T}`,
    `SELECT \`a\\\`\`; DROP TABLE ${T}`,
    `SELECT 1 PARALLEL WITH DROP TABLE ${T}`,
    `graph = 1 SELECT 1; DROP TABLE ${T}`,
    `SELECT 1 # ; \n; DROP TABLE ${T}`,
    `SELECT 1 \u037e DROP TABLE ${T}`,
  ])('%s', async (sql) => {
    await expect(gate.check(compiled(sql))).rejects.toMatchObject({ status: 400 })
    expect(await run(`SELECT count() FROM ${T}`)).toBe('1\n')
  })
})

describe('attack 5: only one SELECT, no FORMAT, no INTO OUTFILE, no SETTINGS', () => {
  test.each([
    `INSERT INTO ${T} SELECT 1`,
    `WITH 1 AS n INSERT INTO ${T} SELECT n, 'x', now(), [], '{}'`,
    `DROP TABLE ${T}`,
    `DESCRIBE TABLE ${T}`,
    'SHOW TABLES',
    'EXPLAIN SELECT 1',
    'SELECT * FROM (EXPLAIN SELECT 1)',
    `SELECT 1 INTO OUTFILE '/tmp/never'`,
    'SELECT 1 FORMAT Null',
    'SELECT 1 SETTINGS max_threads = 1',
    `SELECT * FROM ${T} SETTINGS additional_table_filters = {'${T}': '1'}`,
    'SELECT * FROM (SELECT 1 SETTINGS readonly = 0)',
    'WITH x AS (SELECT 1 SETTINGS max_memory_usage = 0) SELECT * FROM x',
    'SELECT 1 UNION ALL (SELECT 2 SETTINGS max_threads = 1)',
    'SELECT 1 IN (SELECT 1 SETTINGS max_threads = 1)',
    'SELECT * FROM view(SELECT 1 SETTINGS max_threads = 1)',
  ])('%s', async (sql) => {
    await expect(gate.check(compiled(sql))).rejects.toMatchObject({ code: 'query.refused' })
  })
})

const TABLE_FUNCTIONS = [
  "url('http://127.0.0.1/', 'CSV', 'a String')",
  "s3('https://x/y', 'CSV')",
  "file('/etc/passwd', 'LineAsString')",
  "FILE('/etc/passwd', 'LineAsString')",
  "`file`('/etc/passwd', 'LineAsString')",
  "remote('127.0.0.1', 'ws_other.t_other_1')",
  "remoteSecure('127.0.0.1', 'system.one')",
  "cluster('default', 'system.one')",
  "merge('ws_other', '.*')",
  "merge('.*')",
  "mysql('127.0.0.1:3306', 'd', 't', 'u', 'p')",
  "postgresql('127.0.0.1:5432', 'd', 't', 'u', 'p')",
  "sqlite('/tmp/x', 't')",
  "executable('x', 'CSV', 'a String')",
  "input('a String')",
  "dictionary('d')",
  'loop(ws_other.t_other_1)',
  "mergeTreeIndex('ws_other', 't_other_1')",
  "eval('SELECT 1')",
  "viewExplain('EXPLAIN', '', (SELECT 1))",
  "viewIfPermitted(SELECT 1 ELSE null('a UInt8'))",
  "null('a UInt8')",
  'generateRandom()',
  'numbers(1000000000000000000)',
  'zeros(1000000000000000000)',
  "format('CSV', '1')",
  "fuzzJSON('{}')",
  "filesystem('/etc')",
  "values('a String DEFAULT file(''/etc/passwd'')', 'x')",
]

describe('attack 6 and 7: table functions, wherever they stand', () => {
  test.each(TABLE_FUNCTIONS)('%s', async (source) => {
    for (const sql of [
      `SELECT * FROM ${source}`,
      `WITH x AS (SELECT * FROM ${source}) SELECT * FROM x`,
      `SELECT * FROM ${T} AS t, ${source} AS f`,
      `SELECT a FROM ${T} WHERE a IN (SELECT * FROM ${source})`,
      `SELECT (SELECT count() FROM ${source})`,
      `SELECT arrayMap(x -> (SELECT count() FROM ${source}), [1])`,
    ]) {
      await expect(gate.check(compiled(sql)), sql).rejects.toMatchObject({ code: 'query.refused' })
    }
  })
})

const FOREIGN = [
  'ws_other.t_other_1',
  '`ws_other`.`t_other_1`',
  '"ws_other"."t_other_1"',
  'system.tables',
  'SYSTEM.tables',
  'system.`one`',
  'information_schema.tables',
  'INFORMATION_SCHEMA.TABLES',
  'default.`/etc/passwd`',
  '`/etc/passwd`',
  't_other_1',
  'nothing.t_own_1',
  '{t:Identifier}',
  'ws_own.t_own_2',
]

describe('attack 8: tables of others, in every place that can name a table', () => {
  test.each(FOREIGN)('%s', async (name) => {
    for (const sql of [
      `SELECT * FROM ${name}`,
      `SELECT * FROM ${T} AS t JOIN ${name} AS o ON 1 = 1`,
      `WITH x AS (SELECT * FROM ${name}) SELECT * FROM x`,
      `SELECT (SELECT count() FROM ${name})`,
      `SELECT * FROM view(SELECT * FROM ${name})`,
      `SELECT 1 UNION ALL SELECT a FROM ${name}`,
      `SELECT sum(1) OVER (ORDER BY (SELECT 1 FROM ${name}))`,
    ]) {
      await expect(
        gate.check(compiled(sql, { params: { t: 'ws_other.t_other_1' } })),
        sql,
      ).rejects.toMatchObject({ code: 'query.refused' })
    }
  })

  test.each(['IN', 'NOT IN', 'GLOBAL IN', 'GLOBAL NOT IN'])(
    'at the right of %s',
    async (operator) => {
      for (const right of [
        'ws_other.t_other_1',
        '(ws_other.t_other_1)',
        '`ws_other`.t_other_1',
        'system.one',
      ]) {
        await expect(
          gate.check(compiled(`SELECT 42 ${operator} ${right}`)),
          right,
        ).rejects.toMatchObject({ code: 'query.refused' })
      }
    },
  )

  test.each(['in', 'nullIn', 'notNullIn', 'inIgnoreSet', 'globalNotNullInIgnoreSet'])(
    'as an argument of %s()',
    async (name) => {
      await expect(
        gate.check(compiled(`SELECT ${name}(42, ws_other.t_other_1)`)),
      ).rejects.toMatchObject({ code: 'query.refused' })
      await expect(
        gate.check(compiled(`SELECT arrayFilter(x -> ${name}(x, ws_other.t_other_1), [42])`)),
      ).rejects.toMatchObject({ code: 'query.refused' })
    },
  )

  test('a table the compiler put there must be on the tree, and no other', async () => {
    await expect(gate.check(compiled('SELECT 1', { tables: [OWN] }))).rejects.toMatchObject({
      code: 'query.refused',
    })
    await expect(gate.check(compiled(`SELECT * FROM ${T}`, { tables: [] }))).rejects.toMatchObject({
      code: 'query.refused',
    })
    await expect(gate.check(compiled(`SELECT 42 IN ${T}`))).resolves.toBeUndefined()
  })

  test('a remembered verdict does not carry over to a caller with other tables', async () => {
    const sql = `SELECT max(a) FROM ${T}`
    await expect(gate.check(compiled(sql))).resolves.toBeUndefined()
    await expect(gate.check(compiled(sql, { tables: [] }))).rejects.toMatchObject({
      code: 'query.refused',
    })
  })
})

const CALLS = [
  "file('/etc/passwd')",
  "FILE('/etc/passwd')",
  "`file`('/etc/passwd')",
  "getSetting('max_threads')",
  'currentUser()',
  'user()',
  'hostName()',
  'hostname()',
  'FQDN()',
  'serverUUID()',
  'sleep(3)',
  'SLEEP(3)',
  'sleepEachRow(3)',
  'throwIf(1)',
  "catboostEvaluate('/x', 1)",
  "getMacro('x')",
  "demangle('x')",
  'addressToLine(1)',
  'currentDatabase()',
  'DATABASE()',
  'version()',
  '@@version',
  "dictGet('d', 'a', 1)",
  "dictHas('d', 1)",
  "joinGet('ws_other.t_other_1', 's', 1)",
  "hasColumnInTable('ws_other', 't_other_1', 's')",
  'queryID()',
  'tcpPort()',
  'uptime()',
  "logTrace('x')",
  "generateSerialID('x')",
  'filesystemAvailable()',
  "aiGenerate('x')",
  "nosuchfunction('x')",
]

describe('remembered verdicts', () => {
  // Counts what reaches the engine: the only way to see that a verdict was remembered.
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

  test('the same statement with other values of the same types is judged once', async () => {
    const { gate: fresh, asked } = counting()
    for (const value of ['a', 'b', "it''s"]) {
      await fresh.check(
        compiled(`SELECT count() FROM ${T} WHERE s = '${value}' AND a > ${value.length}`),
      )
    }
    expect(asked()).toBe(1)
  })

  test('what can change the verdict is judged anew', async () => {
    const { gate: fresh } = counting()
    await fresh.check(compiled('SELECT * FROM numbers(10)'))
    await expect(
      fresh.check(compiled('SELECT * FROM numbers(10000000000000)')),
    ).rejects.toMatchObject({ code: 'query.refused' })
    await fresh.check(compiled("SELECT * FROM values('a String', 'x')"))
    await expect(
      fresh.check(compiled("SELECT * FROM values('a String DEFAULT file(1)', 'x')")),
    ).rejects.toMatchObject({ code: 'query.refused' })
  })

  test('a refusal is not remembered as leave', async () => {
    const { gate: fresh } = counting()
    for (let n = 0; n < 3; n++) {
      await expect(fresh.check(compiled("SELECT file('/etc/passwd')"))).rejects.toMatchObject({
        code: 'query.refused',
      })
    }
  })
})

describe('attack 9: functions that read the host, wait or are not known, wherever they stand', () => {
  test.each(CALLS)('%s', async (call) => {
    for (const sql of [
      `SELECT ${call}`,
      `SELECT arrayMap(x -> ${call}, [1])`,
      `SELECT sum(1) OVER (PARTITION BY ${call})`,
      `SELECT 1 ORDER BY ${call}`,
      `SELECT 1 LIMIT 1 BY ${call}`,
      `SELECT * REPLACE (${call} AS a) FROM ${T}`,
      `SELECT a FROM ${T} ORDER BY a WITH FILL INTERPOLATE (s AS ${call})`,
      `WITH ${call} AS x SELECT x`,
      `SELECT * FROM numbers(toUInt64(${call}))`,
      `SELECT 1 FROM ${T} ARRAY JOIN [${call}] AS z`,
    ]) {
      await expect(gate.check(compiled(sql)), sql).rejects.toMatchObject({ status: 400 })
    }
  })

  test('APPLY hides what it calls from the tree: it is judged from the text', async () => {
    await expect(gate.check(compiled(`SELECT * APPLY(file) FROM ${T}`))).rejects.toMatchObject({
      code: 'query.refused',
    })
    await expect(
      gate.check(compiled(`SELECT * APPLY(x -> file(x)) FROM ${T}`)),
    ).rejects.toMatchObject({ code: 'query.refused' })
  })
})

describe('names that forge nodes of the printed tree', () => {
  test.each([
    "SELECT 1 AS `x\n     Literal 1`, file('/etc/passwd')",
    'SELECT 1 AS "x\\n     Function plus (children 1)", file(\'/etc/passwd\')',
    "SELECT 1 AS `x\\x0a     Literal`, file('/etc/passwd')",
    "SELECT `plus (alias x)`(1), file('/etc/passwd')",
    'SELECT 42 IN ws_other.t_other_1 AS `y) (children 3)`',
    'SELECT * FROM ws_other.t_other_1 AS `x (alias ws_own.t_own_1)`',
    'SELECT * FROM `ws_own.t_own_1 (alias x)`',
    "WITH `c` AS (SELECT file('/etc/passwd') AS `Literal 1`) SELECT * FROM c",
  ])('%s', async (sql) => {
    await expect(gate.check(compiled(sql))).rejects.toMatchObject({ status: 400 })
  })
})

describe('attack 35: bombs for the parser', () => {
  test.each([
    ['depth', `SELECT ${'('.repeat(5_000)}1${')'.repeat(5_000)}`],
    ['functions', `SELECT ${'abs('.repeat(5_000)}1${')'.repeat(5_000)}`],
    ['elements', `SELECT ${'a+'.repeat(100_000)}1`],
    [
      'subqueries',
      `SELECT * FROM ${'(SELECT * FROM '.repeat(2_000)}numbers(1)${')'.repeat(2_000)}`,
    ],
    ['length', `SELECT '${'x'.repeat(1_100_000)}'`],
  ])('%s', async (_, sql) => {
    // 408 where the machine is too busy to count the elements in time.
    await expect(gate.check(compiled(sql))).rejects.toSatisfy(({ status }) =>
      [400, 408].includes(status as number),
    )
    expect(await clickhouse.ping()).toBe(true)
  })
})

describe('without the gate the same attacks succeed on this engine', () => {
  test('a host file is read by a scalar function, a table function and APPLY', async () => {
    expect(await run("SELECT length(file('/etc/hostname')) > 0", { readonly: 1 })).toBe('1\n')
    expect(
      await run("SELECT count() > 0 FROM file('/etc/hostname', 'LineAsString')", { readonly: 0 }),
    ).toBe('1\n')
    expect(await run("SELECT * APPLY(file) FROM (SELECT '/etc/hostname')")).not.toBe('')
  })

  test("another workspace's table is read, by name and by IN", async () => {
    expect(await run('SELECT s FROM ws_other.t_other_1')).toBe('secret\n')
    expect(await run('SELECT 42 IN (SELECT a FROM ws_other.t_other_1)')).toBe('1\n')
  })

  test('host and settings are told, and sleep waits', async () => {
    expect(await run('SELECT length(hostName()) > 0')).toBe('1\n')
    expect(await run("SELECT getSetting('max_execution_time')")).not.toBe('')
    expect(await run('SELECT sleep(0.01)')).toBe('0\n')
  })

  test('tables of everyone are listed', async () => {
    expect(await run("SELECT count() FROM system.tables WHERE database = 'ws_other'")).toBe('1\n')
  })
})
