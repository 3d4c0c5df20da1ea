// Quarantined rows come back once, by the command, whatever dies in between.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { createCaller, deployProject, type Caller } from './support/http.ts'
import { run, type Finished } from './support/run.ts'

const COMMAND = fileURLToPath(new URL('../services/cli/bin/sandpiper.mjs', import.meta.url))
const ROWS = 15_000
const MAPPING = JSON.stringify({ n: { constant: 1 } })

const ORDERS = `SCHEMA >
    id UInt32 \`json:$.id\`,
    n UInt8 \`json:$.n\`

ENGINE "MergeTree"
ENGINE_SORTING_KEY "id"
`
const PER_N = `NODE sums
SQL >
    SELECT n, count() AS hits FROM orders GROUP BY n

TYPE materialized
DATASOURCE per_n
`
const PER_N_TARGET = `SCHEMA >
    n UInt8,
    hits UInt64

ENGINE "SummingMergeTree"
ENGINE_SORTING_KEY "n"
`

let folder: string
let server: RunningSandpiper
let api: Caller

const start = async (): Promise<void> => {
  server = await startSandpiper({ bundled: true, dataDir: join(folder, 'data') })
  api = createCaller(server.url, server.tokens.workspace_admin_token)
}

const sandpiper = (...args: readonly string[]): Promise<Finished> =>
  run({
    command: process.execPath,
    args: [COMMAND, ...args],
    cwd: folder,
    env: { SANDPIPER_URL: server.url },
  })

/** Events with a text for `n`, each a row of the quarantine. */
async function sendBad(count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, id) => JSON.stringify({ id, n: `bad ${id}` }))
  const answer = await api.post('/v0/events?name=orders&wait=true', lines.join('\n'))
  expect(answer.json).toEqual({ successful_rows: 0, quarantined_rows: count })
}

async function totals(): Promise<Record<string, unknown>> {
  const [row] = await api.sql(
    `SELECT toUInt32((SELECT count() FROM orders)) AS rows, toUInt32((SELECT uniqExact(id) FROM orders)) AS ids,
       toUInt32((SELECT sum(hits) FROM per_n)) AS hits, toUInt32((SELECT count() FROM orders_quarantine)) AS quarantined`,
  )
  return row ?? {}
}

async function emptied(): Promise<void> {
  await api.post('/v0/datasources/orders/truncate')
  await api.post('/v0/datasources/per_n/truncate')
}

const allOnce = (rows: number) => ({ rows, ids: rows, hits: rows, quarantined: 0 })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarantine-'))
  await start()
  const project = {
    'orders.datasource': ORDERS,
    'per_n.datasource': PER_N_TARGET,
    'to_per_n.pipe': PER_N,
  }
  await deployProject(api, project)
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('two replays asked for at the same time bring each row in once', async () => {
  await sendBad(6_000)
  const both = await Promise.all([
    sandpiper('quarantine', 'replay', 'orders', '--mapping', MAPPING),
    sandpiper('quarantine', 'replay', 'orders', '--mapping', MAPPING),
  ])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  expect(both.map(({ output }) => output).sort()).toEqual([
    '0 rows recovered, 0 left.\n',
    '6000 rows recovered, 0 left.\n',
  ])
  expect(await totals()).toEqual(allOnce(6_000))
  await emptied()
})

test('a jump of invalid rows opens the breaker, which the list shows', async () => {
  await sendBad(200)
  const list = await sandpiper('quarantine', 'list')
  expect(list.output).toMatch(/^orders +200 .* open$/m)
  expect(server.log()).toContain('far more rows than usual are invalid')
  await sandpiper('quarantine', 'replay', 'orders', '--mapping', MAPPING)
  expect(await totals()).toEqual(allOnce(200))
  await emptied()
})

test('a server killed in the middle of a replay goes on with it, and each row is there once', async () => {
  await sendBad(ROWS)
  const began = await sandpiper(
    '--json',
    'quarantine',
    'replay',
    'orders',
    '--no-wait',
    '--mapping',
    MAPPING,
  )
  const { id } = JSON.parse(began.output) as { id: string }
  for (let kills = 1; kills <= 2; kills += 1) {
    const recovered = () => api.sql('SELECT toUInt32(count()) AS c FROM orders')
    await eventually(recovered, ([row]) => Number(row?.['c']) >= kills * 5_000)
    await server.kill9()
    await start()
  }
  const shown = await sandpiper('jobs', 'show', id, '--wait')
  expect(shown.code, shown.output).toBe(0)
  expect(await totals()).toEqual(allOnce(ROWS))
})

test.each([
  [['quarantine', 'show', 'nothing'], 1, /Data Source 'nothing' not found \(404 of http/],
  [['quarantine', 'show'], 2, /missing required argument/],
  [['quarantine', 'replay', 'orders', '--mapping', 'none.json'], 2, /none\.json cannot be read/],
  [['quarantine', 'preview', 'orders', '--mapping', '{"x":{}}'], 1, /the column 'x'/],
  [['--host', 'nowhere', 'sql', 'SELECT 1'], 2, /no URL of a server/],
  [['--host', 'http://127.0.0.1:1', 'sql', 'SELECT 1'], 1, /Is the server running/],
  [['--host', 'http://example.invalid', 'sql', 'SELECT 1'], 2, /needs a token/],
  [['--token', 'p.secret', 'sql', 'SELECT 1'], 1, /^sandpiper: (?!.*p\.secret)/],
  [['fly'], 2, /unknown command/],
] as const)('%j ends with %d and says why', async (args, code, why) => {
  const ended = await sandpiper(...args)
  expect(ended.output).toMatch(why)
  expect(ended.code).toBe(code)
})

test('data sources are filled from files, counted, and emptied', async () => {
  writeFileSync(join(folder, 'more.csv'), 'id,n\n1,1\n2,2\n3,x\n')
  const appended = await sandpiper('datasource', 'append', 'orders', 'more.csv')
  expect(appended.output).toMatch(/^successful_rows +2$[^]*^quarantined_rows +1$/m)
  const analyzed = await sandpiper('datasource', 'analyze', 'more.csv')
  expect(JSON.parse(analyzed.output)).toHaveProperty('analysis.columns')
  const deleted = await sandpiper('datasource', 'delete', 'orders', '--condition', 'id = 2')
  expect(deleted.code, deleted.output).toBe(0)
  const only = await sandpiper('sql', 'SELECT id, n FROM orders WHERE id < 4 FORMAT CSV')
  expect(only.output).toContain('1,1\n')
  expect(only.output).not.toContain('2,2')
  const emptied = await sandpiper('datasource', 'truncate', 'orders', '--quarantine')
  expect(emptied.output).toBe('orders is empty.\n')
  expect((await sandpiper('datasource', 'ls')).output).toMatch(/^orders +0 +0 +0$/m)
})

test('tokens are listed without their values', async () => {
  for (const args of [
    ['token', 'ls'],
    ['--json', 'token', 'ls'],
  ]) {
    const { code, output } = await sandpiper(...args)
    expect(code).toBe(0)
    expect(output).toContain('workspace admin token')
    expect(output).not.toMatch(/\bp\.[\w-]{10,}/)
  }
})
