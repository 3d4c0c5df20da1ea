// Deletes by condition and their jobs: over HTTP, while events come in, and with the server killed in between.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { eventually } from './support/eventually.ts'
import { createCaller, deployProject, type Answer, type Caller } from './support/http.ts'

const EVENTS = `TOKEN "append_only" APPEND
TOKEN "read_only" READ

SCHEMA >
    id UInt64 \`json:$.id\`,
    kind String \`json:$.kind\`,
    note Nullable(String) \`json:$.note\`

ENGINE MergeTree
ENGINE_SORTING_KEY id
`
const TOTALS = `SCHEMA >
    kind String,
    events AggregateFunction(count)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY kind
`
const TO_TOTALS = `NODE totals
SQL >
    SELECT kind, countState() AS events FROM events GROUP BY kind

TYPE materialized
DATASOURCE totals
`
const PROJECT = {
  'events.datasource': EVENTS,
  'busy.datasource': EVENTS.replace('append_only', 'append_busy').replace('read_only', 'read_busy'),
  'totals.datasource': TOTALS,
  'to_totals.pipe': TO_TOTALS,
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
  home = await mkdtemp(join(tmpdir(), 'sp-deletes-'))
  await start()
  await deployProject(admin, PROJECT)
})
afterAll(async () => {
  await product.stop()
  await rm(home, { recursive: true, force: true })
})

type JobBody = Readonly<Record<string, unknown>> & { readonly id: string; readonly status: string }

async function post(name: string, rows: readonly object[], wait = true): Promise<void> {
  const body = rows.map((row) => JSON.stringify(row)).join('\n')
  const answer = await admin.post(`/v0/events?name=${name}${wait ? '&wait=true' : ''}`, body)
  expect(answer.status).toBe(wait ? 200 : 202)
}

const remove = (
  condition: string,
  { name = 'events', caller = admin, more = {}, version = 'v0' } = {},
): Promise<Answer> =>
  caller.post(
    `/${version}/datasources/${name}/delete`,
    new URLSearchParams({ delete_condition: condition, ...more }),
  )

async function job(id: string): Promise<JobBody> {
  return (await admin.get(`/v0/jobs/${id}`)).json as JobBody
}

const ended = (id: string): Promise<JobBody> =>
  eventually(
    () => job(id),
    ({ status }) => ['done', 'error', 'cancelled'].includes(status),
  )

async function idsOf(name = 'events'): Promise<number[]> {
  const rows = await admin.sql(`SELECT toUInt32(id) AS id FROM ${name} ORDER BY id`)
  return rows.map((row) => Number(row['id']))
}

async function tokenNamed(name: string): Promise<Caller> {
  const { tokens } = (await admin.get('/v0/tokens')).json as {
    tokens: { name: string; token: string }[]
  }
  return createCaller(product.url, tokens.find((each) => each.name === name)?.token ?? 'none')
}

describe('a delete', () => {
  it('counts in a dry run, deletes by a job, and leaves materialized views as they are', async () => {
    const rows = Array.from({ length: 20 }, (_, id) => ({
      id,
      kind: id % 2 === 0 ? 'even' : 'odd',
    }))
    await post('events', rows)
    const dry = await remove("kind = 'even' AND id < 10", { more: { dry_run: 'true' } })
    expect(dry).toMatchObject({ status: 200, json: { rows_to_be_deleted: 5 } })
    expect(await idsOf()).toHaveLength(20)

    const asked = await remove("kind = 'even' AND id < 10 -- all of them")
    const { id } = asked.json as JobBody
    expect(asked.json).toMatchObject({
      ...{ id, job_id: id, delete_id: id, kind: 'delete_data', is_cancellable: true },
      job_url: `${product.url}/v0/jobs/${id}`,
      datasource: { name: 'events' },
    })
    expect(await ended(id)).toMatchObject({
      ...{ status: 'done', rows_affected: 5, progress_percentage: 100, delete_id: id },
    })
    expect(await idsOf()).toEqual([
      1,
      3,
      5,
      7,
      9,
      ...Array.from({ length: 10 }, (_, at) => 10 + at),
    ])
    expect(
      await admin.sql(
        'SELECT kind, toUInt32(countMerge(events)) AS n FROM totals GROUP BY kind ORDER BY kind',
      ),
    ).toEqual([
      { kind: 'even', n: 10 },
      { kind: 'odd', n: 10 },
    ])
    const [op] = await eventually(
      () =>
        admin.sql(
          `SELECT event_type, result, toUInt32(rows) AS rows FROM tinybird.datasources_ops_log WHERE job_id = '${id}'`,
        ),
      (found) => found.length > 0,
    )
    expect(op).toEqual({ event_type: 'delete_data', result: 'ok', rows: 5 })
  })

  it('does not touch rows for which the condition is NULL, and says so for none', async () => {
    await post('events', [
      { id: 100, kind: 'n', note: null },
      { id: 101, kind: 'n', note: 'x' },
    ])
    const { id } = (await remove("kind = 'n' AND note != 'y'")).json as JobBody
    expect(await ended(id)).toMatchObject({ status: 'done', rows_affected: 1 })
    expect(await idsOf()).toContain(100)
    const none = (await remove('id > 1000000')).json as JobBody
    expect(await ended(none.id)).toMatchObject({ status: 'done', rows_affected: 0 })
  })

  it('in its light form is over when it is answered', async () => {
    await post('events', [{ id: 200, kind: 'light' }])
    const answer = await remove("kind = 'light'", { version: 'v1' })
    expect(answer.json).toMatchObject({ status: 'done', rows_affected: 1 })
    expect(await idsOf()).not.toContain(200)
  })

  it('that fails on a value ends with the reason in the names of its owner, and deletes nothing', async () => {
    await post('events', [{ id: 300, kind: 'no number' }])
    const before = await idsOf()
    const { id } = (await remove('toUInt8(kind) = 1')).json as JobBody
    const failed = await ended(id)
    expect(failed.status).toBe('error')
    expect(failed['error']).toMatch(/Cannot parse/)
    expect(failed['error']).not.toMatch(/ws_[0-9a-f]{8}|t_[0-9a-f]{8}/)
    expect(await idsOf()).toEqual(before)
  })
})

describe('a condition that is more than one over the rows of its data source is refused, and nothing is deleted', () => {
  it.each([
    '',
    '1; DROP TABLE events',
    '1) OR (1',
    '(1',
    "'",
    '/* 1',
    '1, 1',
    '1 SETTINGS mutations_sync = 0',
    '1 FORMAT Null',
    "1 INTO OUTFILE '/tmp/x'",
    '1 UNION ALL SELECT 1',
    'id IN (SELECT id FROM busy)',
    'id IN busy',
    'id IN (SELECT number FROM system.numbers LIMIT 1)',
    '(SELECT count() FROM system.tables) > 0',
    "file('/etc/passwd') != ''",
    "id = (SELECT count() FROM url('http://127.0.0.1/'))",
    "dictGet('d', 'x', id) = 1",
    "joinGet('j', 'x', id) = 1",
    'sleepEachRow(1) = 0',
    "getSetting('max_threads') = 1",
    'no_such_column = 1',
    'kind = {kind:String}',
    "id = 'text'::UInt8 AND",
    `id = ${'1'.repeat(70_000)}`,
  ])('%s', async (condition) => {
    const before = await idsOf()
    for (const more of [{}, { dry_run: 'true' }] as Record<string, string>[]) {
      const answer = await remove(condition, { more })
      expect(answer.status, answer.text).toBe(400)
      expect(answer.text).not.toMatch(/ws_[0-9a-f]{8}|t_[0-9a-f]{8}/)
    }
    expect(await idsOf()).toEqual(before)
  })
})

describe('who may', () => {
  it('delete and truncate: no token that may only append or read', async () => {
    for (const name of ['append_only', 'read_only']) {
      const caller = await tokenNamed(name)
      expect((await remove('1', { caller })).status).toBe(403)
      expect((await remove('1', { caller, more: { dry_run: 'true' } })).status).toBe(403)
      expect((await caller.post('/v0/datasources/events/truncate')).status).toBe(403)
      expect((await caller.post('/v0/datasources/events_quarantine/truncate')).status).toBe(403)
    }
    expect((await remove('1', { name: 'no_such' })).status).toBe(404)
  })

  it('see and cancel a job: nobody of another workspace, and no token that could not have started it', async () => {
    const { id } = (await remove('id > 1000000')).json as JobBody
    const owner = createCaller(product.url, product.tokens.user_token)
    const made = await owner.post('/v1/workspaces?name=other')
    const other = createCaller(product.url, (made.json as { token: string }).token)
    expect((await other.get(`/v0/jobs/${id}`)).status).toBe(404)
    expect((await other.get('/v0/jobs')).json).toEqual({ jobs: [] })
    expect((await other.post(`/v0/jobs/${id}/cancel`)).status).toBe(404)
    expect((await (await tokenNamed('append_only')).post(`/v0/jobs/${id}/cancel`)).status).toBe(403)
    expect((await (await tokenNamed('append_only')).get('/v0/jobs')).status).toBe(403)
    await ended(id)
    expect((await admin.post(`/v0/jobs/${id}/cancel`)).status).toBe(400)
    expect((await admin.get('/v0/jobs/nothing')).status).toBe(404)
  })
})

it('jobs are listed newest first, by kind and status, and tell what they did when asked', async () => {
  const { id } = (await remove('id > 1000000')).json as JobBody
  await ended(id)
  const list = async (query: string): Promise<JobBody[]> =>
    ((await admin.get(`/v0/jobs${query}`)).json as { jobs: JobBody[] }).jobs
  expect((await list('?kind=delete_data&status=done'))[0]?.id).toBe(id)
  expect(
    (await list('?kind=delete_data&status=error')).every((each) => each.status === 'error'),
  ).toBe(true)
  expect(await list('?kind=no_such')).toEqual([])
  expect((await admin.get('/v0/jobs?status=no_such')).status).toBe(400)
  const plain = await job(id)
  expect(plain).not.toHaveProperty('blocks')
  const debug = (await admin.get(`/v0/jobs/${id}?debug=blocks,block_log`)).json
  expect(debug).toMatchObject({ blocks: [], block_log: [] })
})

it('truncate empties the quarantine alone, or both', async () => {
  const bad = [{ id: 'no number', kind: 'x' }]
  const quarantined = async (): Promise<number> =>
    Number((await admin.sql('SELECT toUInt32(count()) AS n FROM busy_quarantine'))[0]?.['n'])
  await admin.post('/v0/events?name=busy&wait=true', JSON.stringify(bad[0]))
  await post('busy', [{ id: 1, kind: 'a' }])
  await eventually(quarantined, (rows) => rows === 1)
  expect((await admin.post('/v0/datasources/busy_quarantine/truncate')).status).toBe(205)
  expect(await quarantined()).toBe(0)
  expect(await idsOf('busy')).toEqual([1])
  await admin.post('/v0/events?name=busy&wait=true', JSON.stringify(bad[0]))
  await eventually(quarantined, (rows) => rows === 1)
  expect((await admin.post('/v0/datasources/busy/truncate?quarantine=true')).status).toBe(205)
  expect([await quarantined(), await idsOf('busy')]).toEqual([0, []])
})

it('deletes while events come in take what was acknowledged before them and nothing else', async () => {
  let next = 0
  let isOver = false
  const acknowledged: number[] = []
  const produce = async (): Promise<void> => {
    while (!isOver) {
      const from = (next += 50) - 50
      const rows = Array.from({ length: 50 }, (_, at) => ({ id: from + at, kind: 'load' }))
      await post('busy', rows, false)
      acknowledged.push(...rows.map((row) => row.id))
    }
  }
  const producing = [produce(), produce()]
  for (let round = 0; round < 4; round++) {
    await eventually(
      () => Promise.resolve(acknowledged.length),
      (count) => count >= (round + 1) * 200,
    )
    const before = acknowledged.filter((id) => id % 2 === 0)
    const { id } = (await remove('id % 2 = 0', { name: 'busy' })).json as JobBody
    expect(await ended(id)).toMatchObject({ status: 'done' })
    const left = new Set(await idsOf('busy'))
    expect(before.filter((each) => left.has(each))).toEqual([])
  }
  isOver = true
  await Promise.all(producing)
  await post('busy', [{ id: 1_000_001, kind: 'last' }])
  const { id } = (await remove('id % 2 = 0', { name: 'busy' })).json as JobBody
  await ended(id)
  const odd = acknowledged.filter((each) => each % 2 === 1).sort((a, b) => a - b)
  // Each once, and none missing.
  expect(await idsOf('busy')).toEqual([...odd, 1_000_001])
})

describe('with a writer that stands still, so that jobs cannot end', () => {
  /** A delete at work and one that waits behind it. */
  async function twoDeletes(id: number): Promise<[string, string]> {
    process.kill(product.children.writer, 'SIGSTOP')
    await post('events', [{ id, kind: 'stuck' }], false)
    const [first, second] = [
      ((await remove(`id = ${id}`)).json as JobBody).id,
      ((await remove(`id = ${id}`)).json as JobBody).id,
    ]
    await eventually(
      () => job(first),
      ({ status }) => status === 'working',
    )
    expect((await job(second)).status).toBe('waiting')
    return [first, second]
  }

  it('a waiting job is cancelled at once, one at work soon; neither deletes', async () => {
    const [first, second] = await twoDeletes(500)
    expect((await admin.post(`/v0/jobs/${second}/cancel`)).json).toMatchObject({
      status: 'cancelled',
    })
    expect((await admin.post(`/v0/jobs/${first}/cancel`)).json).toMatchObject({
      status: 'cancelling',
      is_cancellable: false,
    })
    expect((await ended(first)).status).toBe('cancelled')
    process.kill(product.children.writer, 'SIGCONT')
    await eventually(idsOf, (ids) => ids.includes(500))
  })

  it('rows that were acknowledged and are only in the log yet are deleted too', async () => {
    const [first, second] = await twoDeletes(502)
    process.kill(product.children.writer, 'SIGCONT')
    expect(await ended(first)).toMatchObject({ status: 'done', rows_affected: 1 })
    await ended(second)
    expect(await idsOf()).not.toContain(502)
  })

  it('kill -9 of everything: both are run after the next start, on the rows of before', async () => {
    const [first, second] = await twoDeletes(501)
    const { children } = product
    await product.kill9()
    process.kill(children.writer, 'SIGKILL')
    await start()
    expect(await ended(first)).toMatchObject({ status: 'done', rows_affected: 1 })
    expect(await ended(second)).toMatchObject({ status: 'done', rows_affected: 0 })
    expect(await idsOf()).not.toContain(501)
  })
})
