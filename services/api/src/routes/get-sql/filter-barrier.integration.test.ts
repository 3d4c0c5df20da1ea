import { tableName } from '@sandpiper/deployment'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { EVENTS_ID, pipeId, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

/** Half of the rows are the token's; the others, and the newest version of row 0, belong to somebody else. */
const ROWS = `SELECT number AS id, if(number % 2 = 0, concat('mine ', repeat('x', 40), toString(cityHash64(number))), concat('theirs ', repeat('y', 40))) AS owner,
  if(number % 2 = 0, 1, 7777) AS pin, randomPrintableASCII(200) AS pad, 1 AS version FROM numbers(2000)`

let api: QueryApi
let token: string

beforeAll(async () => {
  api = await startQueryApi({
    mine: [['n0', "SELECT * FROM events WHERE startsWith(owner, 'mine')", 'endpoint']],
  })
  await promoteColumns(['id', 'owner', 'pin', 'pad', 'version'])
  const { command } = api.deps.clickhouse
  const table = `${api.database}.${tableName(EVENTS_ID, 1)}`
  await command({ sql: `DROP TABLE ${table} SYNC` })
  await command({
    sql: `CREATE TABLE ${table} (id UInt64, owner String, pin UInt16, pad String, version UInt64)
      ENGINE = ReplacingMergeTree(version) ORDER BY id SETTINGS min_bytes_for_wide_part = 0, index_granularity = 64`,
  })
  await command({ sql: `INSERT INTO ${table} ${ROWS}` })
  await command({ sql: `INSERT INTO ${table} VALUES (0, 'theirs', 7777, '', 2)` })
  const filter = "startsWith(owner, 'mine')"
  token = await api.token({ type: 'DATASOURCES:READ', resource: EVENTS_ID, filter })
})
afterAll(() => api.stop())

/** The map knows the columns of the table: a filter may name no others. */
async function promoteColumns(names: readonly string[]): Promise<void> {
  const { catalog } = api.deps
  const { map } = await catalog.liveMap(api.workspaceId)
  const { events, ...others } = map.dataSources
  const columns = names.map((name) => ({
    ...{ name, type: 'String', jsonPath: null, default: null, codec: null },
  }))
  const file = { ...events!.file, columns }
  const about = { workspaceId: api.workspaceId, kind: 'deploy', plan: null, feedback: [] } as const
  const { number } = await catalog.createDeployment({
    ...about,
    map: { ...map, dataSources: { ...others, events: { ...events!, schemaVersion: 2, file } } },
  })
  await catalog.promote(api.workspaceId, number)
}

const ask = async (sql: string): Promise<string> =>
  (await api.call('/v0/sql', token, { method: 'POST', body: `${sql} FORMAT CSV` })).text()

/** Each fails on a row of somebody else. Small columns and keys: the engine evaluates conditions on those first. */
const FAILS_ON_OTHERS = [
  "toUInt64(concat(toString(pin), if(pin = 7777, ' FOREIGN', ''))) > 0",
  "toUInt64(concat(toString(id), if(id % 2 = 1, ' FOREIGN', ''))) >= 0",
  'intDiv(1, pin - 7777) >= -1',
]

test.each(FAILS_ON_OTHERS)(
  'no condition of the caller meets a row the filter refuses: %s',
  async (condition) => {
    for (const sql of [
      `SELECT count() FROM events WHERE ${condition}`,
      `SELECT count() FROM (SELECT *, ${condition} AS ok FROM events) WHERE ok`,
      `SELECT count() FROM events AS a JOIN (SELECT toUInt16(1) AS one) AS b ON b.one = a.pin AND ${condition}`,
    ]) {
      expect(await ask(sql), sql).toBe('1000\n')
    }
    expect(await ask(`SELECT count() FROM events FINAL WHERE ${condition}`)).toBe('999\n')
  },
)

test.each(FAILS_ON_OTHERS)(
  'nor one that the endpoint leaves out, by q, SQL and pipeline: %s',
  async (condition) => {
    const only = await api.token({ type: 'PIPES:READ', resource: pipeId('mine') })
    const sql = (table: string): string[] => [
      `SELECT count() FROM ${table} WHERE ${condition}`,
      `SELECT count() FROM (SELECT *, ${condition} AS ok FROM ${table}) WHERE ok`,
      `SELECT count() FROM ${table} AS a JOIN (SELECT toUInt16(1) AS one) AS b ON b.one = a.pin AND ${condition}`,
      `SELECT count() FROM (SELECT DISTINCT id, pin FROM ${table}) WHERE ${condition}`,
      `SELECT count() FROM (SELECT toUInt16(1) AS one) AS b JOIN ${table} AS a ON b.one = a.pin AND ${condition}`,
      `SELECT count() FROM ${table} AS a WHERE (a.id, ${condition}) IN (SELECT number, 1 FROM numbers(3000))`,
    ]
    const csv = async (path: string, text: string): Promise<string> =>
      (await api.call(`${path}${encodeURIComponent(`${text} FORMAT CSV`)}`, only)).text()
    for (const each of sql('_')) {
      expect(await csv('/v0/pipes/mine.json?q=', each), each).toBe('1000\n')
      expect(await csv('/v0/sql?pipeline=mine&q=', each), each).toBe('1000\n')
    }
    for (const each of sql('mine')) expect(await csv('/v0/sql?q=', each), each).toBe('1000\n')
  },
)

test('a row that changed hands is not shown as it was before, by FINAL', async () => {
  expect(await ask('SELECT id FROM events FINAL ORDER BY id LIMIT 1')).toBe('2\n')
})
