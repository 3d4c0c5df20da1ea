// The engine computes functions on LowCardinality columns once for each entry of their dictionary, which rows of others filled too: whether
// that fails would tell their values, one question after the other, and where an entry stands how many there are.
import { plainDataSource } from '@sandpiper/datafile'
import { tableName } from '@sandpiper/deployment'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { EVENTS_ID, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

const TYPES = {
  id: 'UInt64',
  owner: 'LowCardinality(String)',
  note: 'LowCardinality(String)',
  maybe: 'LowCardinality(Nullable(String))',
  list: 'Array(LowCardinality(String))',
  map: 'Map(LowCardinality(String), UInt8)',
  pair: 'Tuple(a LowCardinality(String), b UInt8)',
  any: 'SimpleAggregateFunction(any, LowCardinality(String))',
  'n.k': 'Array(LowCardinality(String))',
} as const

const rowsOf = (owner: string, text: string): string =>
  `SELECT number AS id, '${owner}' AS owner, concat('${text}', toString(number)) AS note, note, [note, note], map(note, 1), (note, 2), note, [note] FROM numbers(50)`

let api: QueryApi
let token: string

beforeAll(async () => {
  api = await startQueryApi({})
  const { catalog, clickhouse } = api.deps
  const { map } = await catalog.liveMap(api.workspaceId)
  const columns = Object.entries(TYPES).map(([name, type]) => ({
    ...{ name, type, jsonPath: `$.${name}`, default: null, codec: null },
  }))
  const events = { ...map.dataSources['events']!, schemaVersion: 2 }
  const file = plainDataSource('events', columns)
  const about = { workspaceId: api.workspaceId, kind: 'deploy', plan: null, feedback: [] } as const
  const { number } = await catalog.createDeployment({
    ...about,
    map: { ...map, dataSources: { ...map.dataSources, events: { ...events, file } } },
  })
  await catalog.promote(api.workspaceId, number)
  const table = `${api.database}.${tableName(EVENTS_ID, 1)}`
  await clickhouse.command({ sql: `DROP TABLE ${table} SYNC` })
  const list = Object.entries(TYPES).map(([name, type]) => `\`${name}\` ${type}`)
  await clickhouse.command({
    sql: `CREATE TABLE ${table} (${list.join(', ')}) ENGINE = ReplacingMergeTree ORDER BY (owner, id)`,
  })
  await clickhouse.command({
    sql: `INSERT INTO ${table} ${rowsOf('mine', 'm')} UNION ALL ${rowsOf('theirs', 'a long secret ')}`,
  })
  const filter = "owner = 'mine'"
  token = await api.token({ type: 'DATASOURCES:READ', resource: EVENTS_ID, filter })
})
afterAll(() => api.stop())

async function ask(sql: string): Promise<[number, string]> {
  const body = `${sql} FORMAT CSV`
  const answer = await api.call('/v0/sql', token, { method: 'POST', body })
  return [answer.status, await answer.text()]
}

test.each(['', ' FINAL'])(
  'no function meets an entry of somebody else (events%s)',
  async (final) => {
    for (const text of [
      ...['note', 'assumeNotNull(maybe)', 'list[1]', 'arrayJoin(list)', 'pair.1', 'any', 'owner'],
      ...['mapKeys(map)[1]', 'arrayJoin(mapKeys(map))', '`n.k`[1]', 'arrayJoin(`n.k`)'],
    ]) {
      // Theirs are longer.
      const [status, told] = await ask(
        `SELECT uniqExact(x) FROM (SELECT toFixedString(${text}, 4) AS x FROM events${final})`,
      )
      expect([text, status, told]).toEqual([text, 200, text === 'owner' ? '1\n' : '50\n'])
      const places = await ask(
        `SELECT max(x) <= 100 FROM (SELECT lowCardinalityIndices(toLowCardinality(${text})) AS x FROM events${final})`,
      )
      expect([text, ...places]).toEqual([text, 200, '1\n'])
    }
    expect(
      await ask(
        `SELECT id FROM events${final} WHERE toFixedString(note, 4) = toFixedString('m7', 4)`,
      ),
    ).toEqual([200, '7\n'])
  },
)

test('types, names and order of the columns stay', async () => {
  const [status, text] = await ask(
    "SELECT DISTINCT arrayStringConcat([toTypeName(owner), toTypeName(maybe), toTypeName(list), toTypeName(map), toTypeName(pair), toTypeName(`n.k`)], ' ') FROM events",
  )
  const { owner, maybe, list, map, pair, 'n.k': nested } = TYPES
  expect([status, text.replace(/\(\s+/g, '(').replace(/\s+/g, ' ')]).toEqual([
    200,
    `"${[owner, maybe, list, map, pair, nested].join(' ')}" `,
  ])
  const all = await api.call('/v0/sql?q=SELECT * FROM events WHERE id = 7', token)
  expect(await all.json()).toMatchObject({
    data: [
      {
        ...{ id: 7, owner: 'mine', note: 'm7', maybe: 'm7', list: ['m7', 'm7'], map: { m7: 1 } },
        ...{ pair: { a: 'm7', b: 2 }, any: 'm7', 'n.k': ['m7'] },
      },
    ],
  })
})
