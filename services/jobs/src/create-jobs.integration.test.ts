import { randomUUID } from 'node:crypto'
import { fault, Fault } from '@sandpiper/faults'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { faultOf, gate, kindOf, untilStopped } from './testing/kinds.ts'
import { startJobsBench, type JobsBench } from './testing/start-jobs.ts'
import { takeTicketAndDie } from './testing/take-ticket-and-die.ts'

let bench: JobsBench

beforeAll(async () => {
  bench = await startJobsBench()
})
afterEach(() => bench.closeAll())
afterAll(() => bench.stop())

const within = (): AbortSignal => AbortSignal.timeout(15_000)

describe('a job', () => {
  test('is run with its input; its result, counts and end stand in its row', async () => {
    const workspaceId = await bench.workspace()
    const kind = kindOf((input, { progress, block, log }) => {
      progress(40, { row_count: 4 })
      block({ block_id: 'b1' })
      log('half way')
      return Promise.resolve({ said: input })
    })
    const { jobs, ops } = bench.process([kind])
    await jobs.start()
    const details = { datasource: { name: 'e' } }
    const job = await jobs.enqueue({ kind: kind.kind, workspaceId, input: 'hello', details })
    expect(job).toMatchObject({ status: 'waiting', startedAt: null })
    const done = await jobs.finished(workspaceId, job.id, within())
    expect(done).toMatchObject({
      status: 'done',
      progress: 100,
      statistics: { row_count: 4 },
      details: { ...details, said: 'hello' },
    })
    expect(done.startedAt).not.toBeNull()
    expect(await bench.catalog.jobNotes(workspaceId, job.id)).toEqual({
      blocks: [{ block_id: 'b1' }],
      log: ['half way'],
    })
    expect(ops.map((each) => each.status)).toEqual(['waiting', 'working', 'done'])
  })

  test('enqueued again under its id is the same job and is run once', async () => {
    const workspaceId = await bench.workspace()
    let runs = 0
    const kind = kindOf(() => Promise.resolve({ runs: ++runs }))
    const { jobs } = bench.process([kind])
    await jobs.start()
    const request = { kind: kind.kind, workspaceId, input: 'x', id: randomUUID() }
    await Promise.all([jobs.enqueue(request), jobs.enqueue(request)])
    await jobs.finished(workspaceId, request.id, within())
    expect(await jobs.enqueue(request)).toMatchObject({ status: 'done', details: { runs: 1 } })
    const other = { ...request, workspaceId: await bench.workspace() }
    expect(await faultOf(jobs.enqueue(other))).toBe('request.conflict')
  })

  test('of a kind, input or size that does not run here is refused and not stored', async () => {
    const workspaceId = await bench.workspace()
    const kind = kindOf(() => Promise.resolve(undefined))
    const { jobs } = bench.process([kind])
    const request = { kind: kind.kind, workspaceId }
    expect(await faultOf(jobs.enqueue({ ...request, kind: 'no such', input: 'x' }))).toBe(
      'request.invalid',
    )
    expect(await faultOf(jobs.enqueue({ ...request, input: 1 }))).toBe('request.invalid')
    expect(await faultOf(jobs.enqueue({ ...request, input: 'x'.repeat(300_000) }))).toBe(
      'request.too_large',
    )
    expect(await bench.catalog.listJobs(workspaceId)).toEqual([])
  })

  test('that throws a bug ends as an error without saying what went wrong inside', async () => {
    const workspaceId = await bench.workspace()
    const kind = kindOf(() => Promise.reject(new Error('postgres://secret')))
    const { jobs } = bench.process([kind])
    await jobs.start()
    const { id } = await jobs.enqueue({ kind: kind.kind, workspaceId, input: '' })
    expect(await jobs.finished(workspaceId, id, within())).toMatchObject({
      status: 'error',
      error: `Internal error. Job ${id}.`,
    })
  })

  test('that fails in passing is run again after a pause; one that fails for good is not', async () => {
    const workspaceId = await bench.workspace()
    const attempts: string[] = []
    const kind = kindOf((input, { attempt }) => {
      attempts.push(`${input}${attempt}`)
      if (attempt > 0) return Promise.resolve(undefined)
      throw fault(input === 'passing' ? 'engine.unavailable' : 'request.invalid', { public: 'no' })
    })
    const { jobs, counters } = bench.process([kind])
    await jobs.start()
    const one = await jobs.enqueue({ kind: kind.kind, workspaceId, input: 'passing' })
    const two = await jobs.enqueue({ kind: kind.kind, workspaceId, input: 'final' })
    expect(await jobs.finished(workspaceId, one.id, within())).toMatchObject({
      status: 'done',
      error: null,
    })
    expect(await jobs.finished(workspaceId, two.id, within())).toMatchObject({
      status: 'error',
      error: 'no',
    })
    expect(attempts.sort()).toEqual(['final0', 'passing0', 'passing1'])
    expect(counters).toMatchObject({ retried: 1, done: 1, failed: 1, running: 0 })
  })

  test('that takes longer than its kind may is stopped and ends as an error', async () => {
    const workspaceId = await bench.workspace()
    const { run } = untilStopped()
    const kind = kindOf(() => Promise.resolve(undefined), { run, runMsMax: 50 })
    const { jobs } = bench.process([kind])
    await jobs.start()
    const { id } = await jobs.enqueue({ kind: kind.kind, workspaceId, input: '' })
    expect(await jobs.finished(workspaceId, id, within())).toMatchObject({
      status: 'error',
      error: 'The job took too long and was stopped.',
    })
  })

  test('is waited for no longer than the caller wants, and never by another workspace', async () => {
    const workspaceId = await bench.workspace()
    const { run, begun } = untilStopped()
    const kind = kindOf(() => Promise.resolve(undefined), { run })
    const { jobs } = bench.process([kind])
    await jobs.start()
    const { id } = await jobs.enqueue({ kind: kind.kind, workspaceId, input: '' })
    await begun
    expect(await faultOf(jobs.finished(workspaceId, id, AbortSignal.timeout(20)))).toBe(
      'server.busy',
    )
    const other = await bench.workspace()
    expect(await faultOf(jobs.finished(other, id, within()))).toBe('resource.missing')
    expect(await jobs.cancel(other, id)).toBeNull()
    expect(await bench.catalog.findJob(workspaceId, id)).toMatchObject({
      status: 'working',
      cancelRequested: false,
    })
  })
})

describe('order and bounds', () => {
  test('jobs of a workspace run in the order they came, and another one does not wait for all of them', async () => {
    const [busy, calm] = [await bench.workspace(), await bench.workspace()]
    const order: string[] = []
    const first = gate()
    const kind = kindOf(async (input) => {
      if (input === 'busy0') await first.opened
      order.push(input)
      return undefined
    })
    // One hand for all: whoever is fair only by having many hands is found out.
    const { jobs } = bench.process([kind], { concurrency: 1 })
    await jobs.start()
    const waits: Promise<unknown>[] = []
    for (let index = 0; index < 12; index++) {
      const { id } = await jobs.enqueue({
        ...{ kind: kind.kind, workspaceId: busy, input: `busy${index}` },
      })
      waits.push(jobs.finished(busy, id, within()))
    }
    const { id } = await jobs.enqueue({ kind: kind.kind, workspaceId: calm, input: 'calm' })
    waits.push(jobs.finished(calm, id, within()))
    first.open()
    await Promise.all(waits)
    expect(order.filter((each) => each !== 'calm')).toEqual(
      Array.from({ length: 12 }, (_, index) => `busy${index}`),
    )
    expect(order.indexOf('calm')).toBeLessThan(3)
  })

  test('no more jobs of a workspace are at work than its kind allows', async () => {
    const workspaceId = await bench.workspace()
    let now = 0
    let most = 0
    const two = gate()
    const kind = kindOf(
      async () => {
        most = Math.max(most, ++now)
        if (now === 2) two.open()
        await two.opened
        now--
        return undefined
      },
      { concurrencyPerWorkspace: 2 },
    )
    const { jobs } = bench.process([kind], { concurrency: 8 })
    await jobs.start()
    const all = await Promise.all(
      Array.from({ length: 10 }, () => jobs.enqueue({ kind: kind.kind, workspaceId, input: '' })),
    )
    await Promise.all(all.map(({ id }) => jobs.finished(workspaceId, id, within())))
    expect(most).toBe(2)
  })

  test('one more waiting job than allowed is refused, also when many come at once', async () => {
    const [workspaceId, other] = [await bench.workspace(), await bench.workspace()]
    const kind = kindOf(() => Promise.resolve(undefined))
    const { jobs, counters } = bench.process([kind], { waitingMax: 5 })
    // Not started: all of them wait.
    const all = await Promise.allSettled(
      Array.from({ length: 12 }, () => jobs.enqueue({ kind: kind.kind, workspaceId, input: '' })),
    )
    const refused: unknown[] = all.flatMap((each) =>
      each.status === 'rejected' ? [each.reason as unknown] : [],
    )
    expect(refused).toHaveLength(7)
    expect(refused.every((err) => err instanceof Fault && err.code === 'limit.rate')).toBe(true)
    expect(counters).toMatchObject({ enqueued: 5, refused: 7 })
    await jobs.enqueue({ kind: kind.kind, workspaceId: other, input: '' })
  })

  test('finished jobs are removed after their time and beyond their number', async () => {
    const workspaceId = await bench.workspace()
    const kind = kindOf(() => Promise.resolve(undefined))
    const { jobs } = bench.process([kind])
    await jobs.start()
    const ids: string[] = []
    for (let index = 0; index < 3; index++) {
      const { id } = await jobs.enqueue({ kind: kind.kind, workspaceId, input: '' })
      await jobs.finished(workspaceId, id, within())
      ids.push(id)
    }
    const keepAll = '2000-01-01T00:00:00Z'
    await bench.catalog.pruneJobs({ before: keepAll, keepMax: 2 })
    const left = (await bench.catalog.listJobs(workspaceId)).map((each) => each.id)
    expect(left).toEqual(ids.slice(1).reverse())
    await bench.catalog.pruneJobs({ before: new Date(Date.now() + 1).toISOString(), keepMax: 2 })
    expect(await bench.catalog.listJobs(workspaceId)).toEqual([])
  })
})

test('what was kept for a job is cleaned up however it ends, also when it never ran', async () => {
  const workspaceId = await bench.workspace()
  const cleaned: string[] = []
  const endings = gate()
  const working = untilStopped()
  const kind = kindOf(
    (input, context) => {
      if (input === 'bug') throw new Error('a bug')
      return input === 'stop' ? working.run(input, context) : Promise.resolve(undefined)
    },
    {
      ended: ({ jobId }) => {
        cleaned.push(jobId)
        if (cleaned.length === 4) endings.open()
        return Promise.resolve()
      },
    },
  )
  const { jobs } = bench.process([kind])
  await jobs.start()
  const add = async (input: string): Promise<string> =>
    (await jobs.enqueue({ workspaceId, kind: kind.kind, input })).id
  const ids = [await add('good'), await add('bug'), await add('stop'), await add('never runs')]
  await working.begun
  await jobs.cancel(workspaceId, ids[3] ?? '')
  await jobs.cancel(workspaceId, ids[2] ?? '')
  await endings.opened
  expect(cleaned.sort()).toEqual(ids.sort())
})

describe('cancel', () => {
  test('a waiting job never runs; its place is taken by the next', async () => {
    const workspaceId = await bench.workspace()
    const ran: string[] = []
    const first = gate()
    const kind = kindOf(async (input) => {
      ran.push(input)
      if (input === 'a') await first.opened
      return undefined
    })
    const { jobs, ops } = bench.process([kind])
    await jobs.start()
    const [a, b, c] = [
      await jobs.enqueue({ kind: kind.kind, workspaceId, input: 'a' }),
      await jobs.enqueue({ kind: kind.kind, workspaceId, input: 'b' }),
      await jobs.enqueue({ kind: kind.kind, workspaceId, input: 'c' }),
    ]
    expect(await jobs.cancel(workspaceId, b.id)).toMatchObject({ status: 'cancelled' })
    expect(await jobs.finished(workspaceId, b.id, within())).toMatchObject({ startedAt: null })
    first.open()
    await jobs.finished(workspaceId, c.id, within())
    expect(ran).toEqual(['a', 'c'])
    expect(await jobs.cancel(workspaceId, a.id)).toMatchObject({ status: 'done' })
    expect(ops.filter((each) => each.jobId === b.id).map((each) => each.status)).toEqual([
      'waiting',
      'cancelled',
    ])
  })

  test('a job at work is told to stop and ends as cancelled', async () => {
    const workspaceId = await bench.workspace()
    const { run, begun } = untilStopped()
    const kind = kindOf(() => Promise.resolve(undefined), { run })
    const { jobs } = bench.process([kind])
    await jobs.start()
    const { id } = await jobs.enqueue({ kind: kind.kind, workspaceId, input: '' })
    await begun
    expect(await jobs.cancel(workspaceId, id)).toMatchObject({
      status: 'working',
      cancelRequested: true,
    })
    expect(await jobs.finished(workspaceId, id, within())).toMatchObject({ status: 'cancelled' })
  })
})

describe('a process that dies', () => {
  test('between the row and its ticket: the job runs at the next start', async () => {
    const workspaceId = await bench.workspace()
    const kind = kindOf((input) => Promise.resolve({ said: input }))
    // Never started: the row is all there is.
    const { id } = await bench.process([kind]).jobs.enqueue({
      ...{ kind: kind.kind, workspaceId, input: 'later' },
    })
    const next = bench.process([kind])
    await next.jobs.start()
    expect(await next.jobs.finished(workspaceId, id, within())).toMatchObject({
      status: 'done',
      details: { said: 'later' },
    })
  })

  test('with a ticket in hand, by kill -9: the next one does not wait until its hold on it has run out', async () => {
    const workspaceId = await bench.workspace()
    const kind = kindOf((input) => Promise.resolve({ said: input }))
    const { id } = await bench.process([kind]).jobs.enqueue({
      ...{ kind: kind.kind, workspaceId, input: 'soon' },
    })
    await takeTicketAndDie(bench.postgres.connection, { jobId: id, kind: kind.kind, attempt: 0 })
    const next = bench.process([kind])
    await next.jobs.start()
    expect(await next.jobs.finished(workspaceId, id, within())).toMatchObject({
      status: 'done',
      details: { said: 'soon' },
    })
  })

  test('at work: the job is run again, and what the dead one still says changes nothing', async () => {
    const workspaceId = await bench.workspace()
    const [begun, late] = [gate(), gate()]
    const kind = kindOf(async (_input, { progress }) => {
      begun.open()
      await late.opened
      progress(1)
      return { by: 'the dead one' }
    })
    const dead = bench.process([kind], { concurrency: 1 })
    await dead.jobs.start()
    const { id } = await dead.jobs.enqueue({ kind: kind.kind, workspaceId, input: '' })
    await begun.opened
    const next = bench.process([
      { ...kind, run: (_input, { attempt }) => Promise.resolve({ by: `attempt ${attempt}` }) },
    ])
    await next.jobs.start()
    expect(await next.jobs.finished(workspaceId, id, within())).toMatchObject({
      status: 'done',
      details: { by: 'attempt 1' },
    })
    late.open()
    await dead.jobs.close()
    expect(await bench.catalog.findJob(workspaceId, id)).toMatchObject({
      details: { by: 'attempt 1' },
    })
    expect(next.counters).toMatchObject({ recovered: 1, done: 1 })
  })

  test('at work that must not be done twice: the job ends with a text that says so', async () => {
    const workspaceId = await bench.workspace()
    const [begun, never] = [gate(), gate()]
    const kind = kindOf(
      async (_input, { details }) => {
        details({ rows: 3 })
        begun.open()
        await never.opened
        return undefined
      },
      { isRerunnable: false },
    )
    const dead = bench.process([kind], { concurrency: 1 })
    await dead.jobs.start()
    const { id } = await dead.jobs.enqueue({ kind: kind.kind, workspaceId, input: '' })
    await begun.opened
    const next = bench.process([kind])
    await next.jobs.start()
    const job = await next.jobs.finished(workspaceId, id, within())
    expect(job.status).toBe('error')
    expect(job.error).toContain('The server stopped while this job was running')
    never.open()
  })

  test('at work again and again: the job is given up after five runs', async () => {
    const workspaceId = await bench.workspace()
    const kind = kindOf(() => Promise.resolve(undefined))
    const { id } = await bench.process([kind]).jobs.enqueue({
      ...{ kind: kind.kind, workspaceId, input: '' },
    })
    for (let attempt = 0; attempt < 5; attempt++) {
      const at = new Date().toISOString()
      await bench.catalog.claimJob({ id, attempt, runner: randomUUID(), limit: 1, at })
      // Without a queue: all that happens is the recovery.
      const openQueue = () => Promise.reject(new Error('away'))
      const next = bench.process([kind], { deps: { openQueue } })
      await next.jobs.start()
      if (attempt < 4) continue
      expect(await next.jobs.finished(workspaceId, id, within())).toMatchObject({ status: 'error' })
    }
  })

  test('while it was to be cancelled: the job is cancelled', async () => {
    const workspaceId = await bench.workspace()
    const kind = kindOf(() => Promise.resolve(undefined))
    const { jobs } = bench.process([kind])
    const { id } = await jobs.enqueue({ kind: kind.kind, workspaceId, input: '' })
    const at = new Date().toISOString()
    await bench.catalog.claimJob({ id, attempt: 0, runner: randomUUID(), limit: 1, at })
    await bench.catalog.cancelJob(workspaceId, id, at)
    await jobs.start()
    expect(await jobs.finished(workspaceId, id, within())).toMatchObject({ status: 'cancelled' })
  })

  test('in order: what runs is put back and is run by the next', async () => {
    const workspaceId = await bench.workspace()
    const { run, begun } = untilStopped()
    const kind = kindOf(() => Promise.resolve({ by: 'the next' }))
    const { jobs } = bench.process([{ ...kind, run }])
    await jobs.start()
    const { id } = await jobs.enqueue({ kind: kind.kind, workspaceId, input: '' })
    await begun
    await jobs.close()
    expect(await bench.catalog.findJob(workspaceId, id)).toMatchObject({ status: 'waiting' })
    const next = bench.process([kind])
    await next.jobs.start()
    expect(await next.jobs.finished(workspaceId, id, within())).toMatchObject({
      details: { by: 'the next' },
    })
  })
})

test('an idle process opens nothing', async () => {
  let opened = 0
  const { jobs } = bench.process([kindOf(() => Promise.resolve(undefined))], {
    deps: {
      openQueue: () => {
        opened++
        return Promise.reject(new Error('not needed'))
      },
    },
  })
  await jobs.start()
  await jobs.close()
  expect(opened).toBe(0)
})
