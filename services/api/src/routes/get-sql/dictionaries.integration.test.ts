// The engine computes functions on LowCardinality columns once for each entry of their dictionary, which rows of others filled too: whether
// that fails would tell their values, one question after the other, and where an entry stands how many there are.
import { plainDataSource } from '@sandpiper/datafile'
import { tableName } from '@sandpiper/deployment'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { EVENTS_ID, pipeId, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

const TYPES = {
  id: 'UInt64',
  text: 'String',
  owner: 'LowCardinality(String)',
  note: 'LowCardinality(String)',
  maybe: 'LowCardinality(Nullable(String))',
  list: 'Array(LowCardinality(String))',
  map: 'Map(LowCardinality(String), UInt8)',
  pair: 'Tuple(a LowCardinality(String), b UInt8)',
  any: 'SimpleAggregateFunction(any, LowCardinality(String))',
  'n.k': 'Array(LowCardinality(String))',
  json: 'JSON(a LowCardinality(String))',
  one: 'Variant(LowCardinality(String), UInt8)',
  ones: 'Array(Variant(LowCardinality(String), UInt8))',
  some: 'Dynamic',
  somes: 'Tuple(a Dynamic, b UInt8)',
  state: 'Tuple(a AggregateFunction(any, LowCardinality(String)), b LowCardinality(String))',
} as const

const rowsOf = (owner: string, text: string): string =>
  `SELECT number AS id, toString(number) AS text, '${owner}' AS owner, CAST(concat('${text}', toString(number)) AS LowCardinality(String)) AS note, note, [note, note], map(note, 1), (note, 2), note, [note], CAST(map('a', toString(note)) AS JSON(a LowCardinality(String))), note, [note], CAST(note AS Dynamic), (CAST(note AS Dynamic), 1), (initializeAggregation('anyState', note), note) FROM numbers(50)`

/** What gives a text of each column. */
const TEXTS = [
  ...['note', 'assumeNotNull(maybe)', 'list[1]', 'arrayJoin(list)', 'pair.1', 'any', 'owner'],
  ...['mapKeys(map)[1]', 'arrayJoin(mapKeys(map))', '`n.k`[1]', 'arrayJoin(`n.k`)', 'state.b'],
  ...['json.a', "assumeNotNull(variantElement(one, 'LowCardinality(String)'))"],
  ...["assumeNotNull(variantElement(ones[1], 'LowCardinality(String)'))", 'toString(one)'],
  ...['toString(some)', "assumeNotNull(dynamicElement(some, 'LowCardinality(String)'))"],
  ...['toString(somes.a)', 'finalizeAggregation(state.a)'],
]

const WHERE = "% SELECT * FROM events WHERE owner = {{String(owner, 'nobody')}}"

let api: QueryApi
let filtered: string
let fixed: string

beforeAll(async () => {
  api = await startQueryApi({
    own: [['out', WHERE, 'endpoint']],
    // Names of columns that hang on the value of a parameter.
    said: [
      [
        'out',
        "% SELECT concat(note, {{String(word, 'x')}}), note, note FROM events WHERE owner = 'mine'",
        'endpoint',
      ],
    ],
    // Copies of rows that are left out behind them.
    copied: [
      [
        'out',
        "SELECT text FROM events ARRAY JOIN [1, 2, 3] AS k WHERE concat(owner, toString(k)) = 'mine1'",
        'endpoint',
      ],
    ],
  })
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
  filtered = await api.token({ type: 'DATASOURCES:READ', resource: EVENTS_ID, filter })
  fixed = await api.token(
    { type: 'PIPES:READ', resource: pipeId('own'), fixedParams: { owner: 'mine' } },
    ...['said', 'copied'].map((name) => ({ type: 'PIPES:READ' as const, resource: pipeId(name) })),
  )
})
afterAll(() => api.stop())

type Asked = (sql: string) => Promise<[number, string]>

async function told(answer: Response): Promise<[number, string]> {
  return [answer.status, await answer.text()]
}

const asSql =
  (token: () => string, path = '/v0/sql'): Asked =>
  async (sql) =>
    told(await api.call(path, token(), { method: 'POST', body: `${sql} FORMAT CSV` }))

const asQ: Asked = async (sql) =>
  told(await api.call(`/v0/pipes/own.json?q=${encodeURIComponent(`${sql} FORMAT CSV`)}`, fixed))

const WAYS: readonly (readonly [string, string, Asked])[] = [
  ['a filter', 'events', asSql(() => filtered)],
  ['a filter, FINAL', 'events FINAL', asSql(() => filtered)],
  ['a pipe in SQL', 'own', asSql(() => fixed)],
  ['a pipe of a pipeline', '_', asSql(() => fixed, '/v0/sql?pipeline=own')],
  ['q= of a pipe', '_', asQ],
]

test.each(WAYS)(
  'no function meets an entry of a row that is left out by %s',
  async (_, from, ask) => {
    for (const text of TEXTS) {
      // Theirs are longer.
      const [status, said] = await ask(
        `SELECT uniqExact(x) FROM (SELECT toFixedString(${text}, 4) AS x FROM ${from})`,
      )
      expect([text, status, said]).toEqual([text, 200, text === 'owner' ? '1\n' : '50\n'])
      const places = await ask(
        `SELECT max(x) <= 100 FROM (SELECT lowCardinalityIndices(toLowCardinality(${text})) AS x FROM ${from})`,
      )
      expect([text, ...places]).toEqual([text, 200, '1\n'])
    }
    // On what it holds as it is.
    expect(
      await ask(`SELECT count(x) FROM (SELECT toFixedString(some, 4) AS x FROM ${from})`),
    ).toEqual([200, '50\n'])
    expect(
      await ask(`SELECT id FROM ${from} WHERE toFixedString(note, 4) = toFixedString('m7', 4)`),
    ).toEqual([200, '7\n'])
  },
)

test.each(WAYS)(
  'no dictionary has entries of rows that are left out by %s',
  async (_, from, ask) => {
    for (const [name, type] of Object.entries(TYPES)) {
      const [status, said] = await ask(
        `SELECT groupUniqArrayArray(extractAll(dumpColumnStructure(\`${name}\`), 'Unique\\(size = (\\d+)')) FROM ${from}`,
      )
      const sizes = (said.match(/\d+/g) ?? []).map(Number)
      expect([name, status, sizes.length > 0]).toEqual([name, 200, type.includes('LowCardinality')])
      // Theirs, and one for what is empty and one for null.
      expect([name, sizes.filter((size) => size > 52)]).toEqual([name, []])
    }
  },
)

test('columns that are named by values of parameters, and two of one name, are told apart', async () => {
  for (const word of ['x', 'y', 'x']) {
    const answer = await api.call(
      `/v0/pipes/said.json?word=${word}&q=${encodeURIComponent("SELECT * FROM _ WHERE toFixedString(note, 4) = toFixedString('m7', 4)")}`,
      fixed,
    )
    const column = `concat(note, '${word}')`
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { data: [{ [column]: `m7${word}`, note: 'm7' }] },
    ])
  }
})

test('a column that was not copied has no rows behind it that were left out', async () => {
  const sizes = "max(toUInt64(extract(dumpColumnStructure(text), 'size = (\\d+)')))"
  expect(await asSql(() => fixed)(`SELECT count(), ${sizes} FROM copied`)).toEqual([200, '50,50\n'])
})

test('types, names and order of the columns stay', async () => {
  const [status, text] = await asSql(() => filtered)(
    "SELECT DISTINCT arrayStringConcat([toTypeName(owner), toTypeName(maybe), toTypeName(list), toTypeName(map), toTypeName(pair), toTypeName(`n.k`)], ' ') FROM events",
  )
  const { owner, maybe, list, map, pair, 'n.k': nested } = TYPES
  expect([status, text.replace(/\(\s+/g, '(').replace(/\s+/g, ' ')]).toEqual([
    200,
    `"${[owner, maybe, list, map, pair, nested].join(' ')}" `,
  ])
  const all = await api.call('/v0/sql?q=SELECT * FROM events WHERE id = 7', filtered)
  expect(await all.json()).toMatchObject({
    data: [
      {
        ...{ id: 7, owner: 'mine', note: 'm7', maybe: 'm7', list: ['m7', 'm7'], map: { m7: 1 } },
        ...{ pair: { a: 'm7', b: 2 }, any: 'm7', 'n.k': ['m7'] },
      },
    ],
  })
})

test('a column that only a staged deployment has is in no result that was described before it', async () => {
  const ask = asSql(() => fixed)
  const before = await ask('SELECT * FROM own ORDER BY id LIMIT 1')
  const { command } = api.deps.clickhouse
  const table = `${api.database}.${tableName(EVENTS_ID, 1)}`
  await command({ sql: `ALTER TABLE ${table} ADD COLUMN staged LowCardinality(String)` })
  expect(await ask('SELECT * FROM own ORDER BY id LIMIT 1')).toEqual(before)
  expect((await ask('SELECT lowCardinalityIndices(staged) FROM own'))[0]).toBe(400)
  await command({ sql: `ALTER TABLE ${table} DROP COLUMN staged` })
})
