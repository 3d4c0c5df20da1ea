// A small workspace on a real engine, as users have them: hits of a site, users, prices, a materialization. For the proofs beside.
import {
  createClickHouse,
  createGate,
  EMPTY_DATABASE,
  ensureEmptyDatabase,
  querySettings,
  type ClickHouse,
  type Gate,
} from '@sandpiper/clickhouse'
import { plainDataSource } from '@sandpiper/datafile'
import { databaseName, emptyMap, tableName, type DeploymentMap } from '@sandpiper/deployment'
import { compileSql, EVERYTHING, type CompiledQuery, type CompileScope } from '@sandpiper/pipes'
import { startEngine } from '@sandpiper/testkit'

const WORKSPACE = '11111111-2222-3333-4444-555555555555'
const AT = '2026-11-21T00:00:00.000Z'

/** Stands in every row of another workspace. */
export const FOREIGN_SECRET = 'foreign-secret-77'
/** A table of another workspace. */
export const FOREIGN_TABLE = `ws_${'9'.repeat(32)}.t_${'9'.repeat(32)}_1`

interface Table {
  readonly columns: Readonly<Record<string, string>>
  readonly engine: string
  readonly fill: string
}

const TABLES: Readonly<Record<string, Table>> = {
  events: {
    columns: {
      timestamp: 'DateTime',
      session_id: 'String',
      user_id: 'String',
      action: 'LowCardinality(String)',
      page: 'String',
      payload: 'String',
      country: 'LowCardinality(String)',
      device: 'Nullable(String)',
      referrer: 'String',
      duration: 'UInt32',
      amount: 'Decimal(18, 2)',
      score: 'Float64',
      tags: 'Array(String)',
      props: 'Map(String, String)',
      extra: 'JSON',
      lat: 'Float64',
      lon: 'Float64',
      ip: 'IPv4',
    },
    engine: 'MergeTree ORDER BY (cityHash64(user_id), timestamp) SAMPLE BY cityHash64(user_id)',
    fill: `SELECT toDateTime('2026-01-01 00:00:00') + number * 977, concat('s', toString(number % 40)), concat('u', toString(number % 25)),
      ['view', 'click', 'signup', 'buy'][1 + number % 4], ['/', '/docs', '/docs/start', '/pricing?ref=a'][1 + number % 4],
      format('{{"url": "https://x.io/p{}", "n": {}, "tags": ["a", "b"], "geo": {{"city": "Kyiv"}}}}', number % 7, number), ['ES', 'DE', 'UA'][1 + number % 3],
      if(number % 5 = 0, NULL, 'desktop'), ['', 'https://news.ycombinator.com/item?id=1', 'https://www.google.com/search'][1 + number % 3], number % 300, number % 90,
      number / 7, ['a', 'b'], map('plan', 'pro', 'n', toString(number)), '{"a": {"b": 1}, "c": "x"}', 40 + number % 10, number % 10, toIPv4('10.0.0.1')
      FROM numbers(400)`,
  },
  users: {
    columns: {
      user_id: 'String',
      name: 'String',
      plan: 'String',
      signup: 'Date',
      updated: 'DateTime',
    },
    engine: 'ReplacingMergeTree(updated) ORDER BY user_id',
    fill: `SELECT concat('u', toString(number)), concat('user ', toString(number)), ['free', 'pro'][1 + number % 2], toDate('2026-01-01') + number, now() FROM numbers(25)`,
  },
  prices: {
    columns: { symbol: 'String', at: 'DateTime', price: 'Float64' },
    engine: 'MergeTree ORDER BY (symbol, at)',
    fill: `SELECT ['EUR', 'USD'][1 + number % 2], toDateTime('2026-01-01 00:00:00') + number * 3600, 1 + number / 100 FROM numbers(60)`,
  },
  daily_pages: {
    columns: {
      day: 'Date',
      page: 'String',
      hits: 'AggregateFunction(count)',
      visitors: 'AggregateFunction(uniq, String)',
      p90: 'AggregateFunction(quantile(0.9), UInt32)',
      total: 'SimpleAggregateFunction(sum, UInt64)',
    },
    engine: 'AggregatingMergeTree ORDER BY (day, page)',
    fill: `SELECT toDate('2026-01-01') + number % 5 AS day, '/docs' AS page, countState(), uniqState(toString(number)), quantileState(0.9)(toUInt32(number)), sum(number) FROM numbers(50) GROUP BY day, page`,
  },
}

/** A running engine with that workspace. */
export interface ProofWorkspace {
  readonly clickhouse: ClickHouse
  readonly gate: Gate
  readonly scope: CompileScope
  /** Compiles as an admin, asks the gate, runs; TSV. */
  answer(sql: string): Promise<string>
  compile(sql: string): CompiledQuery
  run(compiled: CompiledQuery): Promise<string>
  stop(): Promise<void>
}

/** Starts it. @param pipes of the map. */
export async function startProofWorkspace(
  pipes: DeploymentMap['pipes'] = {},
): Promise<ProofWorkspace> {
  const engine = await startEngine()
  const clickhouse = createClickHouse({
    url: 'http://localhost',
    socketPath: engine.socketPath,
    loadsFiles: true,
  })
  await ensureEmptyDatabase(clickhouse)
  await createTables(clickhouse)
  const gate = createGate(clickhouse)
  const map = { ...emptyMap(), dataSources: dataSources(), pipes }
  const scope = {
    ...{ workspaceId: WORKSPACE, map, params: {}, secrets: new Map(), authority: EVERYTHING },
  }
  const run = (compiled: CompiledQuery) => runCompiled(clickhouse, compiled)
  const compile = (sql: string): CompiledQuery => compileSql(scope, { sql })
  return {
    ...{ clickhouse, gate, scope, run, compile },
    async answer(sql) {
      const compiled = compile(sql)
      await gate.check(compiled)
      return run(compiled)
    },
    async stop() {
      await clickhouse.close()
      await engine.stop()
    },
  }
}

async function runCompiled(clickhouse: ClickHouse, compiled: CompiledQuery): Promise<string> {
  const { sql, params, settings } = compiled
  const limits = { timeoutSeconds: 20, resultBytesMax: 1e8 }
  const reply = await clickhouse.query({
    ...{ sql, params, database: EMPTY_DATABASE, format: 'TSVWithNames' },
    settings: querySettings(limits, settings),
  })
  const chunks: Uint8Array[] = []
  for await (const chunk of reply.body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function createTables(clickhouse: ClickHouse): Promise<void> {
  const database = databaseName(WORKSPACE)
  const [foreign = ''] = FOREIGN_TABLE.split('.')
  const statements = [
    `CREATE DATABASE ${database} ENGINE = Atomic`,
    `CREATE DATABASE ${foreign} ENGINE = Atomic`,
    `CREATE TABLE ${FOREIGN_TABLE} (a UInt64, s String) ENGINE = MergeTree ORDER BY a`,
    `INSERT INTO ${FOREIGN_TABLE} SELECT 1, '${FOREIGN_SECRET}'`,
  ]
  for (const [index, { columns, engine, fill }] of Object.values(TABLES).entries()) {
    const table = `${database}.${tableName(idOf(index), 1)}`
    const list = Object.entries(columns).map(([name, type]) => `${name} ${type}`)
    statements.push(`CREATE TABLE ${table} (${list.join(', ')}) ENGINE = ${engine}`)
    statements.push(`INSERT INTO ${table} ${fill}`)
  }
  for (const sql of statements) await clickhouse.command({ sql })
}

function idOf(index: number): string {
  return `t_${String(index).repeat(32)}`
}

function dataSources(): DeploymentMap['dataSources'] {
  return Object.fromEntries(
    Object.entries(TABLES).map(([name, { columns }], index) => {
      const file = plainDataSource(
        name,
        Object.entries(columns).map(([column, type]) => ({
          ...{ name: column, type, jsonPath: `$.${column}`, default: null, codec: null },
        })),
      )
      const times = { createdAt: AT, updatedAt: AT }
      return [name, { id: idOf(index), generation: 1, schemaVersion: 1, file, ...times }]
    }),
  )
}
