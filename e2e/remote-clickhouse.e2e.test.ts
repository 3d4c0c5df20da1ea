// The whole product on a ClickHouse elsewhere: another host over TCP, no file in common. The server here is services/engine, in a folder of
// its own; what a real server does differently no test can reach (ADR 0019).
import {
  startEngine,
  startFaultProxy,
  startSandpiper,
  type FaultProxy,
  type RunningEngine,
  type RunningSandpiper,
} from '@sandpiper/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { createCaller, deployProject, type Caller } from './support/http.ts'

const PROJECT = {
  'hits.datasource': `SCHEMA >
    id UInt64 \`json:$.id\`,
    page String \`json:$.page\`

ENGINE MergeTree
ENGINE_SORTING_KEY id
`,
  'pages.datasource': `SCHEMA >
    page String,
    hits AggregateFunction(count)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY page
`,
  'to_pages.pipe': `NODE pages
SQL >
    SELECT page, countState() AS hits FROM hits GROUP BY page

TYPE materialized
DATASOURCE pages
`,
  'top.pipe': `NODE top
SQL >
    %
    SELECT page, countMerge(hits) AS n FROM pages WHERE page != {{String(but, '')}} GROUP BY page ORDER BY page

TYPE endpoint
`,
}

let engine: RunningEngine
let proxy: FaultProxy
let sandpiper: RunningSandpiper
let caller: Caller

beforeAll(async () => {
  engine = await startEngine()
  proxy = await startFaultProxy(engine.socketPath)
  sandpiper = await startSandpiper({
    env: { SANDPIPER_CLICKHOUSE_URL: proxy.url, SANDPIPER_CLICKHOUSE_PASSWORD: 'hush-hush' },
  })
  caller = createCaller(sandpiper.url, sandpiper.tokens.workspace_admin_token)
  await deployProject(caller, PROJECT)
}, 120_000)

afterAll(async () => {
  await sandpiper.stop()
  await proxy.stop()
  await engine.stop()
})

const top = async (): Promise<unknown> =>
  ((await caller.get('/v0/pipes/top.json?but=none')).json as { data: unknown }).data

it('events, refused rows, views, endpoints, files and deletes work as on the embedded engine', async () => {
  const events = '{"id":1,"page":"a"}\n{"id":2,"page":"b"}\n{"id":"x"}\n'
  const sent = await caller.post('/v0/events?name=hits&wait=true', events)
  expect(sent.json).toEqual({ successful_rows: 2, quarantined_rows: 1 })
  const csv = await caller.post(
    '/v0/datasources?mode=append&name=hits&format=csv',
    'id,page\n3,a\n',
  )
  expect(csv.status).toBe(200)
  expect(await top()).toEqual([
    { page: 'a', n: 2 },
    { page: 'b', n: 1 },
  ])
  expect(await caller.sql('SELECT count() AS n FROM hits_quarantine')).toEqual([{ n: 1 }])
  const { page } = (await caller.sql('SELECT page FROM hits WHERE id = 3'))[0] ?? {}
  expect(page).toBe('a')
})

it('a change of the project that builds a table anew keeps its rows', async () => {
  const changed = PROJECT['hits.datasource'].replace('id UInt64', 'id UInt32')
  await deployProject(caller, {
    ...PROJECT,
    'hits.datasource': `${changed}\nFORWARD_QUERY >\n    SELECT toUInt32(id) AS id, page\n`,
  })
  await caller.post('/v0/events?name=hits&wait=true', '{"id":4,"page":"c"}\n')
  expect(await caller.sql('SELECT toTypeName(any(id)) AS type, count() AS n FROM hits')).toEqual([
    { type: 'UInt32', n: 4 },
  ])
  expect(await top()).toContainEqual({ page: 'c', n: 1 })
})

it('while the server is away events are acknowledged, queries get 503, and all is there when it is back', async () => {
  proxy.judge(() => 'lose-request')
  const sent = await caller.post('/v0/events?name=hits', '{"id":5,"page":"d"}\n')
  expect(sent.status).toBe(202)
  expect((await caller.get('/v0/pipes/top.json?but=nothing')).status).toBe(503)
  proxy.judge(null)
  await expect.poll(top, { timeout: 30_000 }).toContainEqual({ page: 'd', n: 1 })
}, 60_000)

it('no statement named a file of ours, and the password is nowhere in the log', () => {
  const named = proxy.statements.filter((sql) => sql.includes(sandpiper.dataDir))
  expect(named).toEqual([])
  expect(sandpiper.log()).not.toContain('hush-hush')
  expect(sandpiper.children.engine).toBeNull()
})
