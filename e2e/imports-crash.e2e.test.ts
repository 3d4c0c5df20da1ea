// Imports that are cut off by kill -9 go on at the next start, and store nothing twice; replacements are all or nothing.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { createCaller, deployProject, type Caller } from './support/http.ts'

const EVENTS = `SCHEMA >
    id UInt64 \`json:$.id\`,
    text String \`json:$.text\`

ENGINE MergeTree
ENGINE_SORTING_KEY id
`
const SUMS = `SCHEMA >
    bucket UInt64,
    hits AggregateFunction(count)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY bucket
`
const TO_SUMS = `NODE sums
SQL >
    SELECT id % 10 AS bucket, countState() AS hits FROM events GROUP BY bucket

TYPE materialized
DATASOURCE sums
`
/** Twenty chunks. */
const ROWS = 400_000

let home: string
let files: Server
let filesUrl: string
let product: RunningSandpiper
let admin: Caller

async function start(): Promise<void> {
  product = await startSandpiper({
    bundled: process.env['SANDPIPER_TEST_SOURCES'] !== '1',
    dataDir: join(home, 'data'),
    env: { SANDPIPER_IMPORT_PRIVATE_HOSTS: '127.0.0.1' },
  })
  admin = createCaller(product.url, product.tokens.workspace_admin_token)
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sp-import-crash-'))
  files = createServer((req, res) => {
    const from = Number(new URL(req.url ?? '', 'http://x').searchParams.get('from'))
    res.end(ndjson(from, ROWS))
  }).listen(0, '127.0.0.1')
  await once(files, 'listening')
  filesUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}/rows.ndjson`
  await start()
  const project = {
    ...{ 'events.datasource': EVENTS, 'sums.datasource': SUMS, 'to_sums.pipe': TO_SUMS },
  }
  await deployProject(admin, project)
})

afterAll(async () => {
  await product.stop()
  files.closeAllConnections()
  files.close()
  await rm(home, { recursive: true, force: true })
})

/** About 100 bytes a row. */
function ndjson(from: number, count: number): string {
  const text = 'x'.repeat(70)
  return Array.from(
    { length: count },
    (_, index) => `{"id":${from + index},"text":"${text}"}\n`,
  ).join('')
}

async function counts(): Promise<Record<string, unknown>> {
  const [rows] = await admin.sql(
    'SELECT toUInt32(count()) AS c, toUInt32(uniqExact(id)) AS ids, toUInt32(min(id)) AS low FROM events',
  )
  const [sums] = await admin.sql('SELECT toUInt32(countMerge(hits)) AS hits FROM sums')
  return { ...rows, ...sums }
}

async function job(id: string): Promise<Record<string, unknown>> {
  const answer = await admin.get(`/v0/jobs/${id}`)
  return answer.status === 200 ? (answer.json as Record<string, unknown>) : { status: 'unknown' }
}

async function until(
  id: string,
  isReached: (job: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  for (;;) {
    const found = await job(id)
    if (isReached(found)) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function startJob(mode: string, from: number): Promise<string> {
  const url = encodeURIComponent(`${filesUrl}?from=${from}`)
  const answer = await admin.post(
    `/v0/datasources?mode=${mode}&name=events&format=ndjson&url=${url}`,
  )
  expect(answer.status).toBe(200)
  return String((answer.json as Record<string, unknown>)['job_id'])
}

const isOver = ({ status }: Record<string, unknown>): boolean =>
  status === 'done' || status === 'error'

/** What the imports of the process that runs now have in hand, and have appended anew. */
async function progress(): Promise<{ rows: number; chunks: number }> {
  const lines = (await (await fetch(`${product.url}/metrics`)).text()).split('\n')
  const of = (name: string): number =>
    Number(lines.find((line) => line.startsWith(`${name} `))?.split(' ')[1])
  const event = (name: string): number => of(`sandpiper_import_events_total{event="${name}"}`)
  return {
    rows: of('sandpiper_import_rows_total'),
    chunks: event('chunks') - event('replayed_chunks'),
  }
}

/** Waits until some of the rows are appended, and fails when all are. */
async function untilPartly(before = { rows: 0, chunks: 0 }): Promise<void> {
  for (;;) {
    const { rows, chunks } = await progress()
    expect(rows - before.rows).toBeLessThan(ROWS)
    if (chunks > before.chunks) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

it('an append that is killed half-way, twice, stores every row once', async () => {
  const id = await startJob('append', 0)
  for (let round = 0; round < 2; round += 1) {
    await untilPartly()
    await product.kill9()
    await start()
  }
  expect(await until(id, isOver)).toMatchObject({ status: 'done', successful_rows: ROWS })
  expect(await counts()).toEqual({ c: ROWS, ids: ROWS, low: 0, hits: ROWS })
})

it('a replacement that is killed half-way shows the old rows, then the new ones, never some of both', async () => {
  const before = await progress()
  const id = await startJob('replace', 1_000_000)
  await untilPartly(before)
  expect(await counts()).toEqual({ c: ROWS, ids: ROWS, low: 0, hits: ROWS })
  await product.kill9()
  await start()
  for (;;) {
    const state = await counts()
    expect(state).toEqual({ c: ROWS, ids: ROWS, low: state['low'], hits: ROWS })
    if (isOver(await job(id))) break
  }
  expect(await job(id)).toMatchObject({ status: 'done', successful_rows: ROWS })
  expect(await counts()).toEqual({ c: ROWS, ids: ROWS, low: 1_000_000, hits: ROWS })
})
