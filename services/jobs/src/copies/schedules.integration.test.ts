// The clock of copies on a real catalog: what is queued, what is not, and that nothing is queued twice.
import { emptyMap, type DeployedDataSource, type DeployedPipe } from '@sandpiper/deployment'
import { plainDataSource } from '@sandpiper/datafile'
import { createLogger, NO_OPS, type DataSourceOp } from '@sandpiper/telemetry'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { copyInputSchema, type CopyInput } from '@sandpiper/contracts'

import type { JobKind } from '../job-kind.ts'
import { startJobsBench, type JobsBench } from '../testing/start-jobs.ts'
import { createCopyCounters } from './copy-deps.ts'
import { createSchedules } from './schedules.ts'

let bench: JobsBench

beforeAll(async () => {
  bench = await startJobsBench()
})
afterEach(() => bench.closeAll())
afterAll(() => bench.stop())

const PIPE_ID = `t_${'c'.repeat(32)}`
const TARGET_ID = `t_${'d'.repeat(32)}`
const AT = '2026-11-21T00:00:00.000Z'
const at = (time: string): number => Date.parse(`2026-11-21T${time}Z`)

function pipe(schedule: string | null): DeployedPipe {
  const settings = {
    TARGET_DATASOURCE: 'kept',
    COPY_MODE: 'replace',
    ...(schedule === null ? {} : { COPY_SCHEDULE: schedule }),
  }
  const about = { description: null, tokens: [], tags: null, settings: {} }
  const node = { name: 'n', description: null, sql: 'SELECT 1', type: 'copy', settings } as const
  return {
    ...{ id: PIPE_ID, nodeIds: ['t_n'], view: null, createdAt: AT, updatedAt: AT },
    file: { kind: 'pipe', name: 'keep', ...about, nodes: [node] },
  }
}

const target: DeployedDataSource = {
  ...{ id: TARGET_ID, generation: 1, schemaVersion: 1, createdAt: AT, updatedAt: AT },
  file: plainDataSource('kept', []),
}

/** Makes a copy pipe with this schedule live; null: on demand; undefined: no pipe. */
async function promote(workspaceId: string, schedule: string | null | undefined): Promise<number> {
  const pipes = schedule === undefined ? {} : { keep: pipe(schedule) }
  const map = { ...emptyMap(), dataSources: { kept: target }, pipes }
  const about = { workspaceId, kind: 'deploy', plan: null, feedback: [], map } as const
  const { number } = await bench.catalog.createDeployment(about)
  await bench.catalog.promote(workspaceId, number)
  return number
}

interface Clock {
  /** Moves to a time and looks. */
  look(time: string): Promise<void>
  /** Inputs of the jobs that were queued for a workspace, oldest first. */
  queued(workspaceId: string): Promise<string[]>
  readonly ops: DataSourceOp[]
  readonly counters: ReturnType<typeof createCopyCounters>
  readonly jobs: ReturnType<JobsBench['process']>['jobs']
}

/** A process with the clock; its jobs do not run until they are started. */
function clock({
  run = () => Promise.resolve(undefined),
  isKilled = false,
}: { run?: JobKind<CopyInput>['run']; isKilled?: boolean } = {}): Clock {
  let now = 0
  const kind: JobKind<CopyInput> = {
    ...{ kind: 'copy', input: copyInputSchema, concurrencyPerWorkspace: 2, isRerunnable: true },
    run,
  }
  const { jobs } = bench.process([kind])
  const ops: DataSourceOp[] = []
  const counters = createCopyCounters()
  const schedules = createSchedules({
    catalog: isKilled
      ? { ...bench.catalog, noteCopySchedule: () => Promise.reject(new Error('killed')) }
      : bench.catalog,
    jobs,
    ops: { ...NO_OPS, dataSourceOp: (row) => ops.push(row) },
    logger: createLogger({ service: 'test', level: 'silent' }),
    counters,
    now: () => now,
  })
  return {
    ...{ ops, counters, jobs },
    async look(time) {
      now = at(time)
      await schedules.look()
    },
    async queued(workspaceId) {
      const found = await bench.catalog.listJobs(workspaceId, { kind: 'copy' })
      return found.map((job) => String(job.details['scheduled_at']).slice(11, 16)).reverse()
    },
  }
}

async function finish({ jobs }: Clock, workspaceId: string): Promise<void> {
  await jobs.start()
  for (const { id } of await bench.catalog.unfinishedCopies(workspaceId, PIPE_ID))
    await jobs.finished(workspaceId, id, AbortSignal.timeout(15_000))
}

test('a run is queued at its minute, once, with the minute as its job_timestamp', async () => {
  const workspaceId = await bench.workspace()
  const inputs: CopyInput[] = []
  const one = clock({
    run(input) {
      inputs.push(input)
      return Promise.resolve(undefined)
    },
  })
  await one.look('10:00:30')
  await promote(workspaceId, '*/5 * * * *')
  for (const time of ['10:01:00', '10:04:59', '10:05:00.1', '10:05:59', '10:06:00'])
    await one.look(time)
  expect(await one.queued(workspaceId)).toEqual(['10:05'])
  await finish(one, workspaceId)
  expect(inputs).toMatchObject([
    {
      ...{ pipeId: PIPE_ID, dataSourceId: TARGET_ID, mode: 'replace' },
      ...{ params: { job_timestamp: '2026-11-21 10:05:00' } },
      scheduledAt: '2026-11-21T10:05:00.000Z',
    },
  ])
})

test('a schedule that goes live before its minute runs in it, not for a minute that was over', async () => {
  const workspaceId = await bench.workspace()
  const one = clock()
  await one.look('10:00:00.1')
  await promote(workspaceId, '0,1 10 * * *')
  await one.look('10:01:00.1')
  expect(await one.queued(workspaceId)).toEqual(['10:01'])
})

test('of the runs that a server that was down has missed, the latest is made up for, once', async () => {
  const workspaceId = await bench.workspace()
  await promote(workspaceId, '*/10 * * * *')
  await clock().look('09:55:00')
  // Killed before it can note what it queued: the next one finds the same run due.
  await clock({ isKilled: true }).look('10:43:10')
  const again = clock()
  await again.look('10:44:00')
  expect(await again.queued(workspaceId)).toEqual(['10:40'])
  expect(again.counters.skipped).toBe(0)
})

test('a clock that was ahead and is put right stops no schedule, and repeats no run', async () => {
  const workspaceId = await bench.workspace()
  await promote(workspaceId, '*/5 * * * *')
  const one = clock()
  for (const time of ['10:00:00', '10:05:00', '23:00:00']) {
    await one.look(time)
    await finish(one, workspaceId)
  }
  expect(await one.queued(workspaceId)).toEqual(['10:05', '23:00'])
  for (const time of ['10:05:10', '10:06:00', '10:10:00']) await one.look(time)
  expect(await one.queued(workspaceId)).toEqual(['10:05', '23:00', '10:10'])
  // Also in a process that was never ahead.
  await finish(one, workspaceId)
  const again = clock()
  for (const time of ['10:14:00', '10:15:00']) await again.look(time)
  expect(await again.queued(workspaceId)).toEqual(['10:05', '23:00', '10:10', '10:15'])
})

test('a run is skipped while the one before has not ended, and the log says so', async () => {
  const workspaceId = await bench.workspace()
  await promote(workspaceId, '* * * * *')
  const one = clock()
  for (const time of ['10:00:00', '10:01:00', '10:02:00', '10:02:30']) await one.look(time)
  expect(await one.queued(workspaceId)).toEqual(['10:01'])
  expect(one.counters).toMatchObject({ scheduled: 1, skipped: 1 })
  expect(one.ops).toMatchObject([
    {
      ...{ workspaceId, eventType: 'copy', pipeName: 'keep', dataSourceName: 'kept' },
      error: expect.stringContaining('10:02:00.000Z was skipped') as string,
    },
  ])
  await finish(one, workspaceId)
  await one.look('10:03:00')
  expect(await one.queued(workspaceId)).toEqual(['10:01', '10:03'])
})

test('what is paused does not run; runs missed meanwhile do not come back', async () => {
  const workspaceId = await bench.workspace()
  await promote(workspaceId, '* * * * *')
  const one = clock()
  await one.look('10:00:00')
  const set = async (state: 'paused' | 'running', time: string): Promise<void> => {
    const stamp = new Date(at(time)).toISOString()
    const copy = { workspaceId, pipeId: PIPE_ID, schedule: '* * * * *' }
    await bench.catalog.setCopyState({ ...copy, state, at: stamp })
  }
  await set('paused', '10:00:30')
  for (const time of ['10:01:00', '10:02:00']) await one.look(time)
  await set('running', '10:02:30')
  await one.look('10:02:40')
  expect(await one.queued(workspaceId)).toEqual([])
  await one.look('10:03:00')
  expect(await one.queued(workspaceId)).toEqual(['10:03'])
})

test('schedules are those of the live deployment: of a removed pipe, another schedule, a branch or a removed workspace nothing runs', async () => {
  const workspaceId = await bench.workspace()
  const one = clock()
  await one.look('10:00:00')
  await promote(workspaceId, '* * * * *')
  const { workspace: branch } = await bench.catalog.createWorkspace({
    ...{ name: 'b', mainId: workspaceId },
  })
  await promote(branch.id, '* * * * *')
  const gone = await bench.workspace()
  await promote(gone, '* * * * *')
  await one.look('10:00:40')
  await bench.catalog.removeWorkspace(gone)
  await one.look('10:01:00')
  expect(await one.queued(workspaceId)).toEqual(['10:01'])
  await finish(one, workspaceId)
  await promote(workspaceId, undefined)
  await one.look('10:02:00')
  await promote(workspaceId, null)
  await one.look('10:03:00')
  // The minute before it went live is not made up for.
  await promote(workspaceId, '3,9 10 * * *')
  await one.look('10:05:00')
  expect(await one.queued(workspaceId)).toEqual(['10:01'])
  await one.look('10:09:00')
  expect(await one.queued(workspaceId)).toEqual(['10:01', '10:09'])
  expect(await bench.catalog.listJobs(branch.id)).toEqual([])
  expect(
    (await bench.catalog.scheduledCopies()).filter((each) => each.workspaceId === gone),
  ).toEqual([])
})
