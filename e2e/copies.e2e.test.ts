// Copy pipes by their users: what a copy stores, what replaces what, who may run one, and that a kill in the middle doubles nothing.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { createCaller, deployProject, projectForm, type Caller } from './support/http.ts'

/** A dozen chunks. */
const ROWS = 80_000

const PROJECT = {
  'seen.datasource': `SCHEMA >
    id UInt64 \`json:$.id\`,
    at DateTime64(3) \`json:$.at\`

ENGINE MergeTree
ENGINE_SORTING_KEY id
`,
  // Paths that no result has: a copy goes by names.
  'kept.datasource': `SCHEMA >
    id UInt64 \`json:$.deep.id\`,
    big UInt256 \`json:$.b\`,
    price Decimal(38, 19) \`json:$.p\`,
    ratio Float64 \`json:$.r\`,
    tags Array(LowCardinality(String)) \`json:$.tags[:]\`,
    at DateTime64(3) \`json:$.at\`,
    asked DateTime \`json:$.asked\`,
    local DateTime('Europe/Berlin') \`json:$.local\`,
    day Date \`json:$.day\`,
    note Nullable(String) \`json:$.note\`

ENGINE ReplacingMergeTree
ENGINE_SORTING_KEY id
`,
  'sums.datasource': `SCHEMA >
    bucket UInt64,
    hits AggregateFunction(count)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY bucket
`,
  'to_sums.pipe': `NODE sums
SQL >
    SELECT id % 10 AS bucket, countState() AS hits FROM kept GROUP BY bucket

TYPE materialized
DATASOURCE sums
`,
  'days.datasource': `SCHEMA >
    day Date,
    hits AggregateFunction(count)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY day
`,
  'to_days.pipe': `NODE days
SQL >
    SELECT toDate(at) AS day, countState() AS hits FROM seen GROUP BY day

TYPE materialized
DATASOURCE days
`,
  'keep.pipe': `NODE numbered
SQL >
    %
    SELECT number + {{UInt64(first, 0)}} AS id FROM numbers({{UInt64(rows, 3)}})

NODE copied
SQL >
    %
    SELECT id, toUInt256(toUInt256('115792089237316195423570985008687907853269984665640564039457584007913129639935') - id) AS big,
      toDecimal256('1234567890123456789.0123456789012345678', 19)::Decimal(38, 19) AS price,
      if(id = 1, nan, if(id = 2, -inf, 0.1)) AS ratio, ['a', 'ü"\\\\'] AS tags,
      toDateTime64('2026-11-21 10:00:00.123', 3) AS at, toDateTime(1761438600 + 3600 * id % 7200, 'America/New_York') AS local,
      toDateTime64('2026-01-01 00:00:00', 3, 'Asia/Tokyo') AS day, toDateTime({{DateTime(job_timestamp)}}) AS asked, if({{UInt64(rows, 3)}} > 100, (SELECT toString(generateUUIDv4())), NULL)::Nullable(String) AS note
    FROM numbered

TYPE COPY
TARGET_DATASOURCE kept
`,
  'total.datasource': `SCHEMA >
    hits AggregateFunction(uniq, UInt64)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY tuple()
`,
  'count_all.pipe': `NODE all
SQL >
    SELECT uniqState(id) AS hits FROM kept

TYPE COPY
TARGET_DATASOURCE total
COPY_MODE replace
COPY_SCHEDULE 0 0 1 1 *
`,
}

let home: string
let product: RunningSandpiper
let admin: Caller

async function start(): Promise<void> {
  product = await startSandpiper({
    bundled: process.env['SANDPIPER_TEST_SOURCES'] !== '1',
    dataDir: join(home, 'data'),
  })
  admin = createCaller(product.url, product.tokens.workspace_admin_token)
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sp-copies-'))
  await start()
  await deployProject(admin, PROJECT)
})

afterAll(async () => {
  await product.stop()
  await rm(home, { recursive: true, force: true })
})

async function run(pipe: string, query = ''): Promise<string> {
  const answer = await admin.post(`/v0/pipes/${pipe}/copy?${query}`)
  expect(answer.text).toContain('"job_id"')
  return String((answer.json as Record<string, unknown>)['job_id'])
}

async function job(id: string): Promise<Record<string, unknown>> {
  const answer = await admin.get(`/v0/jobs/${id}`)
  return answer.status === 200 ? (answer.json as Record<string, unknown>) : { status: 'unknown' }
}

const isOver = ({ status }: Record<string, unknown>): boolean =>
  status === 'done' || status === 'error' || status === 'cancelled'

async function ended(id: string): Promise<Record<string, unknown>> {
  for (;;) {
    const found = await job(id)
    if (isOver(found)) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function counts(): Promise<Record<string, unknown>> {
  const [rows] = await admin.sql(
    'SELECT toUInt32(count()) AS c, toUInt32(uniqExact(id)) AS ids, toUInt32(min(id)) AS low, toUInt32(uniqExact(note)) AS queries FROM kept',
  )
  const [sums] = await admin.sql('SELECT toUInt32(countMerge(hits)) AS hits FROM sums')
  return { ...rows, ...sums }
}

it('a copy appends exactly what its query gives, by names, with job_timestamp, through the views behind the target', async () => {
  const id = await run('keep', 'job_timestamp=2026-01-02%2003:04:05')
  expect(await ended(id)).toMatchObject({
    ...{ kind: 'copy', status: 'done', mode: 'append', pipe_name: 'keep' },
    ...{ datasource: { name: 'kept' }, successful_rows: 3, quarantine_rows: 0 },
    statistics: { row_count: 3 },
  })
  const rows = await admin.sql(
    'SELECT id, toString(big) AS big, toString(price) AS price, toString(ratio) AS ratio, tags, toString(at) AS at, toString(asked) AS asked, toUnixTimestamp(local) AS local, toString(day) AS day, note FROM kept ORDER BY id',
  )
  const same = {
    ...{ price: '1234567890123456789.0123456789012345678', tags: ['a', 'ü"\\'] },
    ...{ at: '2026-11-21 10:00:00.123', asked: '2026-01-02 03:04:05', note: null },
    // Midnight in Tokyo.
    day: '2026-01-01',
  }
  const top = '11579208923731619542357098500868790785326998466564056403945758400791312963993'
  expect(rows).toEqual([
    // In Berlin it was half past two twice that night.
    { ...same, id: 0, big: `${top}5`, ratio: '0.1', local: 1_761_438_600 },
    { ...same, id: 1, big: `${top}4`, ratio: 'nan', local: 1_761_442_200 },
    { ...same, id: 2, big: `${top}3`, ratio: '-inf', local: 1_761_438_600 },
  ])
  expect(await counts()).toEqual({ c: 3, ids: 3, low: 0, queries: 0, hits: 3 })
})

it('a copy replaces everything at once, views included; states of aggregates too', async () => {
  expect(await ended(await run('keep', '_mode=replace&first=100&rows=7'))).toMatchObject({
    ...{ status: 'done', mode: 'replace', successful_rows: 7 },
  })
  expect(await counts()).toEqual({ c: 7, ids: 7, low: 100, queries: 0, hits: 7 })
  for (let round = 0; round < 2; round += 1)
    expect(await ended(await run('count_all'))).toMatchObject({ status: 'done' })
  expect(await admin.sql('SELECT toUInt32(uniqMerge(hits)) AS hits FROM total')).toEqual([
    { hits: 7 },
  ])
  const appended = await ended(await run('count_all', '_mode=append'))
  expect(appended).toMatchObject({
    status: 'error',
    error: expect.stringContaining('total has AggregateFunction columns') as string,
  })
  expect(await ended(await run('keep', '_mode=replace&rows=0'))).toMatchObject({ status: 'done' })
  expect(await counts()).toMatchObject({ c: 0, hits: 0 })
})

it('copies stand in the logs of the workspace, with their pipe', async () => {
  const noted = (): Promise<unknown[]> =>
    admin.sql(
      `SELECT DISTINCT pipe_name, datasource_name, result, toUInt32(rows) AS rows, length(job_id) AS id FROM tinybird.datasources_ops_log
       WHERE event_type = 'copy' AND rows = 7 AND operation_id = job_id`,
    )
  for (let rows = await noted(); rows.length === 0; rows = await noted())
    await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await noted()).toEqual([
    { pipe_name: 'keep', datasource_name: 'kept', result: 'ok', rows: 7, id: 36 },
  ])
  const jobs = `SELECT DISTINCT job_type, pipe_name FROM tinybird.jobs_log WHERE status = 'done' ORDER BY pipe_name`
  expect(await admin.sql(jobs)).toContainEqual({ job_type: 'copy', pipe_name: 'keep' })
})

it('a wrong parameter ends the job with the reason and stores nothing', async () => {
  const done = await ended(await run('keep', 'rows=x'))
  expect(done).toMatchObject({ status: 'error', error: expect.stringContaining("'x'") as string })
  expect(await counts()).toMatchObject({ c: 0 })
})

it('a schedule is paused, resumed and cancelled', async () => {
  const status = async (): Promise<unknown> => (await admin.get('/v0/pipes/count_all')).json
  expect(await status()).toMatchObject({
    ...{ type: 'copy', copy_schedule: '0 0 1 1 *', copy_mode: 'replace' },
    ...{ copy_target_datasource: 'total', schedule: { status: 'running' } },
  })
  for (const [action, expected] of [
    ['pause', 'paused'],
    ['resume', 'running'],
    ['cancel', 'cancelled'],
  ]) {
    const answer = await admin.post(`/v0/pipes/count_all/copy/${action}`)
    expect(answer.json).toMatchObject({ schedule: { status: expected } })
    expect(await status()).toMatchObject({ schedule: { status: expected } })
  }
  expect((await admin.post('/v0/pipes/keep/copy/pause')).status).toBe(400)
})

it('a token runs a copy only when it may read the pipe and add to the target, and remove its rows for a replacement', async () => {
  const token = async (...scopes: string[]): Promise<Caller> => {
    const query = scopes.map((each) => `scope=${each}`).join('&')
    const made = await admin.post(`/v0/tokens?name=${scopes.join('+')}&${query}`)
    return createCaller(product.url, String((made.json as Record<string, unknown>)['token']))
  }
  const statuses = async (...scopes: string[]): Promise<number[]> => {
    const caller = await token(...scopes)
    const answers = []
    for (const path of ['?rows=0', '?_mode=replace&rows=0', '/pause']) {
      const answer = await caller.post(`/v0/pipes/keep/copy${path}`)
      answers.push(answer)
      // A replacement keeps deployments out until it has ended.
      const { job_id: id } = answer.json as Record<string, unknown>
      if (typeof id === 'string') await ended(id)
    }
    return answers.map((each) => each.status)
  }
  const [read, append, drop] = [
    'PIPES:READ:keep',
    'DATASOURCES:APPEND:kept',
    'DATASOURCES:DROP:kept',
  ]
  expect(await statuses(read)).toEqual([403, 403, 403])
  expect(await statuses(append, drop)).toEqual([403, 403, 403])
  expect(await statuses('DATASOURCES:READ:kept', append)).toEqual([403, 403, 403])
  // keep has no schedule: 400 is what one sees who may.
  expect(await statuses(read, append)).toEqual([200, 403, 400])
  expect(await statuses(read, append, drop)).toEqual([200, 200, 400])
})

it('a deployment with a copy that cannot work is refused, and says why', async () => {
  const refused = async (from: string, to: string): Promise<string> => {
    const text = PROJECT['keep.pipe']
    expect(text).toContain(from)
    const files = { ...PROJECT, 'keep.pipe': text.replace(from, to) }
    return (await admin.post('/v1/deploy?check=true', projectForm(files))).text
  }
  const target = 'TARGET_DATASOURCE kept'
  expect(await refused(target, 'TARGET_DATASOURCE nowhere')).toContain('nowhere not found')
  expect(await refused(target, 'TARGET_DATASOURCE total')).toContain(
    'total has the AggregateFunction column hits',
  )
  expect(await refused(target, `${target}\nCOPY_SCHEDULE 0 25 * * *`)).toContain(
    "'25' is no hour (0 to 23)",
  )
  const plain = (select: string): string => `NODE c\nSQL >\n    ${select}\n\nTYPE copy\n${target}`
  const others = { ...PROJECT }
  for (const [select, reason] of [
    ['SELECT id FROM kept', 'does not give column big'],
    ['SELECT *, 1 AS more FROM kept', 'gives column more, which kept does not have'],
    ["SELECT * REPLACE ('x' AS id) FROM kept", 'Column id is String in the query and UInt64'],
  ] as const) {
    const files = { ...others, 'other.pipe': plain(select) }
    expect((await admin.post('/v1/deploy?check=true', projectForm(files))).text).toContain(reason)
  }
  const scheduled = async (condition: string): Promise<string> => {
    const pipe = `${plain(`%\n    SELECT * FROM kept WHERE 1 ${condition}`)}\nCOPY_SCHEDULE * * * * *`
    const form = projectForm({ ...others, 'other.pipe': pipe })
    return (await admin.post('/v1/deploy?check=true', form)).text
  }
  const needed = await scheduled("AND id = {{UInt64(wanted, description='x')}}")
  expect(needed).toMatch(/every parameter needs a default.*wanted/)
  for (const condition of [
    '{% if defined(wanted) %} AND id = {{UInt64(wanted)}} {% end %}',
    "AND at > {{DateTime(job_timestamp)}} AND note != {{tb_secret('not_there')}}",
  ])
    expect(JSON.parse(await scheduled(condition))).toMatchObject({ result: 'success' })
  expect(await scheduled("AND note != {{tb_secret('not_there')}}")).toContain(
    "The workspace has no secret 'not_there'",
  )
})

/** What the copies of the process that runs now have appended anew. */
async function progress(): Promise<{ rows: number; chunks: number }> {
  const lines = (await (await fetch(`${product.url}/metrics`)).text()).split('\n')
  const of = (name: string): number =>
    Number(lines.find((line) => line.startsWith(`${name} `))?.split(' ')[1])
  const event = (name: string): number => of(`sandpiper_copy_events_total{event="${name}"}`)
  return {
    rows: of('sandpiper_copy_rows_total'),
    chunks: event('chunks') - event('replayed_chunks'),
  }
}

/** Waits until some of the rows are appended, and fails when all are. */
async function untilPartly(
  id: string,
  before: { readonly rows: number; readonly chunks: number },
): Promise<void> {
  for (;;) {
    const { rows, chunks } = await progress()
    expect(rows - before.rows).toBeLessThan(ROWS)
    if (chunks > before.chunks) return
    expect(await job(id)).not.toHaveProperty('error')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

it('an append that is killed half-way stores the rows of one snapshot once', async () => {
  const before = await progress()
  const id = await run('keep', `rows=${ROWS}`)
  await untilPartly(id, before)
  await product.kill9()
  await start()
  expect(await ended(id)).toMatchObject({ status: 'done', successful_rows: ROWS })
  expect(await counts()).toEqual({ c: ROWS, ids: ROWS, low: 0, queries: 1, hits: ROWS })
})

it('a replacement that is killed half-way shows the old rows, then the new ones, never some of both', async () => {
  const before = await progress()
  const id = await run('keep', `_mode=replace&first=1000000&rows=${ROWS}`)
  await untilPartly(id, before)
  expect(await counts()).toEqual({ c: ROWS, ids: ROWS, low: 0, queries: 1, hits: ROWS })
  await product.kill9()
  await start()
  for (;;) {
    const state = await counts()
    expect(state).toEqual({ c: ROWS, ids: ROWS, low: state['low'], queries: 1, hits: ROWS })
    if (isOver(await job(id))) break
  }
  expect(await job(id)).toMatchObject({ status: 'done', successful_rows: ROWS })
  expect(await counts()).toEqual({ c: ROWS, ids: ROWS, low: 1_000_000, queries: 1, hits: ROWS })
})

it('a population that is killed, or whose engine is, leaves what the query over the source gives, while events arrive', async () => {
  let sent = 0
  let isStopped = false
  const send = async (): Promise<void> => {
    while (!isStopped) {
      const rows = Array.from({ length: 20 }, (_, index) => ({
        id: sent + index,
        at: '2026-11-21 00:00:00',
      }))
      const body = rows.map((row) => JSON.stringify(row)).join('\n')
      const key = { 'Idempotency-Key': String(sent) }
      const answer = await admin.post('/v0/events?name=seen', body, key).catch(() => null)
      if (answer?.status === 202) sent += 20
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const sending = send()
  for (const [kills, delayMs] of [
    ['engine', 30],
    ['main', 100],
  ] as const) {
    const answer = await admin.post('/v0/pipes/to_days/nodes/days/population?truncate=true')
    const id = String((answer.json as Record<string, unknown>)['job_id'])
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    if (kills === 'engine') process.kill(product.children.engine, 'SIGKILL')
    else {
      await product.kill9()
      await start()
    }
    const done = await ended(id)
    expect(done, String(done['error'])).toMatchObject({ kind: 'populateview', status: 'done' })
  }
  isStopped = true
  await sending
  await admin.post('/v0/events?name=seen&wait=true', '{"id":0,"at":"2026-11-21 00:00:00"}')
  const expected = [{ hits: sent + 1 }]
  expect(await admin.sql('SELECT toUInt32(count()) AS hits FROM seen')).toEqual(expected)
  expect(await admin.sql('SELECT toUInt32(countMerge(hits)) AS hits FROM days')).toEqual(expected)
})
