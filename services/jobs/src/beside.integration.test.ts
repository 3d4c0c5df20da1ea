// Several processes run jobs of one catalog, with tickets in a Redis that forgets, dies and is away.
import { startRedis, type TestRedis } from '@sandpiper/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import type { JobKind } from './job-kind.ts'
import type { BesideOptions } from './jobs-options.ts'
import { gate, kindOf, untilStopped } from './testing/kinds.ts'
import { startJobsBench, type JobsBench } from './testing/start-jobs.ts'

let bench: JobsBench
let redis: TestRedis

beforeAll(async () => {
  ;[bench, redis] = await Promise.all([startJobsBench(), startRedis()])
})
afterEach(() => bench.closeAll())
afterAll(async () => {
  await bench.stop()
  await redis.stop()
})

const within = (): AbortSignal => AbortSignal.timeout(25_000)
/** Longer than any test: nobody is taken for dead. */
const LIVING: BesideOptions = { silentMs: 60_000, lookMs: 100 }

function processes(count: number, kinds: readonly JobKind[], beside = LIVING) {
  return Array.from({ length: count }, () =>
    bench.process(kinds, { beside, redisUrl: redis.url, concurrency: 2 }),
  )
}

/** Jobs that note each run, and whether two of one job were at work at once. */
function watchedKind(run: () => Promise<void>): {
  readonly kind: JobKind
  readonly runs: Map<string, number>
  readonly overlaps: string[]
} {
  const runs = new Map<string, number>()
  const atWork = new Set<string>()
  const overlaps: string[] = []
  const kind = kindOf(
    async (_input, { jobId }) => {
      if (atWork.has(jobId)) overlaps.push(jobId)
      atWork.add(jobId)
      runs.set(jobId, (runs.get(jobId) ?? 0) + 1)
      try {
        await run()
      } finally {
        atWork.delete(jobId)
      }
      return undefined
    },
    { concurrencyPerWorkspace: 2 },
  )
  return { kind, runs, overlaps }
}

test('what one process enqueues is run by others, each job by one of them', async () => {
  const workspaceId = await bench.workspace()
  const { kind, runs, overlaps } = watchedKind(() => Promise.resolve())
  const [api, one, other] = processes(3, [kind])
  await Promise.all([one?.jobs.start(), other?.jobs.start()])
  const ids: (string | undefined)[] = []
  for (let count = 0; count < 12; count += 1)
    ids.push((await api?.jobs.enqueue({ kind: kind.kind, workspaceId, input: 'x' }))?.id)
  for (const id of ids) {
    const done = await api?.jobs.finished(workspaceId, id ?? '', within())
    expect(done?.status).toBe('done')
  }
  expect([...runs.values()]).toEqual(ids.map(() => 1))
  expect(overlaps).toEqual([])
  expect((one?.counters.started ?? 0) + (other?.counters.started ?? 0)).toBe(12)
})

test('a job at work is cancelled through another process', async () => {
  const workspaceId = await bench.workspace()
  const { run, begun } = untilStopped()
  const kind = kindOf(() => Promise.resolve(undefined), { run })
  const [api, one] = processes(2, [kind])
  await one?.jobs.start()
  const job = await api?.jobs.enqueue({ kind: kind.kind, workspaceId, input: 'x' })
  await begun
  await api?.jobs.cancel(workspaceId, job?.id ?? '')
  const end = await api?.jobs.finished(workspaceId, job?.id ?? '', within())
  expect(end?.status).toBe('cancelled')
})

describe('when Redis', () => {
  async function eightJobs(harm: () => Promise<void>, after: () => Promise<void>): Promise<void> {
    const workspaceId = await bench.workspace()
    const { open, opened } = gate()
    const begun = gate()
    const { kind, runs, overlaps } = watchedKind(async () => {
      begun.open()
      await opened
    })
    const [one, other] = processes(2, [kind])
    await Promise.all([one?.jobs.start(), other?.jobs.start()])
    const enqueue = () => one?.jobs.enqueue({ kind: kind.kind, workspaceId, input: 'x' })
    const ids: (string | undefined)[] = []
    for (let count = 0; count < 6; count += 1) ids.push((await enqueue())?.id)
    await begun.opened
    await harm()
    // Also while it is away.
    ids.push((await enqueue())?.id, (await enqueue())?.id)
    open()
    await after()
    for (const id of ids) {
      const done = await one?.jobs.finished(workspaceId, id ?? '', within())
      expect(done).toMatchObject({ status: 'done' })
    }
    expect([...runs.values()]).toEqual(ids.map(() => 1))
    expect(overlaps).toEqual([])
  }

  test('is flushed, jobs at work end, and those that wait get new tickets: none is lost, none runs twice', () =>
    eightJobs(
      () => redis.flushAll(),
      () => Promise.resolve(),
    ))

  test('is killed with jobs at work, all are run once when it is back, empty', () =>
    eightJobs(
      () => redis.kill(),
      () => redis.restart(),
    ))
})

describe('a process that runs jobs beside others', () => {
  test('takes over the jobs of one that was silent for too long, and of no other', async () => {
    const workspaceId = await bench.workspace()
    const [dead, living] = [untilStopped(), untilStopped()]
    let first = true
    const run: JobKind['run'] = (input, context) => {
      if (input === 'living') return living.run(input, context)
      if (!first) return Promise.resolve({ again: true })
      first = false
      return dead.run(input, context)
    }
    const kind = kindOf(() => Promise.resolve(undefined), { run, concurrencyPerWorkspace: 2 })
    const beside = { silentMs: 1_500, lookMs: 50 }
    // As of kill -9: others hear nothing of it from some moment on.
    let isDead = false
    const { catalog } = bench
    const dying = bench.process([kind], {
      beside,
      redisUrl: redis.url,
      // One job keeps it busy: it takes no other.
      concurrency: 1,
      deps: {
        catalog: {
          ...catalog,
          runnerLives: (runner) => (isDead ? Promise.resolve([]) : catalog.runnerLives(runner)),
          jobsOfOthers: (...args) => (isDead ? Promise.resolve([]) : catalog.jobsOfOthers(...args)),
        },
      },
    })
    await dying.jobs.start()
    const job = await dying.jobs.enqueue({ kind: kind.kind, workspaceId, input: 'x' })
    await dead.begun
    const [other, third] = processes(2, [kind], beside)
    await other?.jobs.start()
    const kept = await other?.jobs.enqueue({ kind: kind.kind, workspaceId, input: 'living' })
    await living.begun
    isDead = true
    await third?.jobs.start()
    const done = await other?.jobs.finished(workspaceId, job.id, within())
    expect(done).toMatchObject({ status: 'done', details: { again: true } })
    expect(await catalog.findJob(workspaceId, kept?.id ?? '')).toMatchObject({ status: 'working' })
    expect((other?.counters.recovered ?? 0) + (third?.counters.recovered ?? 0)).toBe(1)
  })

  test('stops its jobs when it could not say for long that it lives, before others take them', async () => {
    const workspaceId = await bench.workspace()
    const { run, begun } = untilStopped()
    const stopped = gate()
    const kind = kindOf(() => Promise.resolve(undefined), {
      run: async (input, context) => {
        context.signal.addEventListener('abort', () => {
          stopped.open()
        })
        return run(input, context)
      },
    })
    let isAway = false
    const { catalog } = bench
    const { jobs } = bench.process([kind], {
      beside: { silentMs: 1_500, lookMs: 50 },
      redisUrl: redis.url,
      deps: {
        catalog: {
          ...catalog,
          runnerLives: (runner) =>
            isAway ? Promise.reject(new Error('away')) : catalog.runnerLives(runner),
        },
      },
    })
    await jobs.start()
    const job = await jobs.enqueue({ kind: kind.kind, workspaceId, input: 'x' })
    await begun
    isAway = true
    await stopped.opened
    await expect
      .poll(async () => (await catalog.findJob(workspaceId, job.id))?.status)
      .not.toBe('done')
  })
})

test('a Redis that is away keeps no job from being stored, and it runs as soon as there is one', async () => {
  const workspaceId = await bench.workspace()
  const { kind, runs } = watchedKind(() => Promise.resolve())
  await redis.kill()
  try {
    const [one] = processes(1, [kind])
    await one?.jobs.start()
    const job = await one?.jobs.enqueue({ kind: kind.kind, workspaceId, input: 'x' })
    expect(job?.status).toBe('waiting')
    expect(runs.size).toBe(0)
    await redis.restart()
    const done = await one?.jobs.finished(workspaceId, job?.id ?? '', within())
    expect(done?.status).toBe('done')
  } finally {
    await redis.restart()
  }
})
