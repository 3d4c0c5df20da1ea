// How runs end: what is written down of them, and what stays of their files.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Job } from '@sandpiper/catalog'
import type { CopyInput } from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import { NO_OPS, type DataSourceOp } from '@sandpiper/telemetry'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { createImportFolder } from '../imports/import-folder.ts'
import { refuseForgotten } from '../imports/refuse-forgotten.ts'
import { JobStopped } from '../job-stopped.ts'
import { createCopyCounters, type CopyDeps } from './copy-deps.ts'
import { copyKind } from './copy-kind.ts'

const WORKSPACE = '00000000-0000-4000-8000-000000000001'
const JOB = '00000000-0000-4000-8000-000000000002'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sp-copy-kind-'))
  await writeFile(join(dir, `${WORKSPACE}.${JOB}`), '{"n":1}\n')
})
afterEach(() => rm(dir, { recursive: true }))

const INPUT: CopyInput = {
  ...{ pipeId: 'p', pipeName: 'keep', dataSourceId: 'd', dataSourceName: 'kept', mode: 'append' },
  ...{ requestId: 'r', params: {}, scheduledAt: null },
}

/** One run of a copy whose result is there, and which fails. @returns what was noted, and the files that are left. */
async function failed(
  err: Error,
  { attempt = 0, isThere = true, signal = new AbortController().signal } = {},
): Promise<unknown[]> {
  const ops: DataSourceOp[] = []
  const limits = { bytesMax: 1e6, freeBytesMin: 0, receivingMax: 1 }
  const deps = {
    catalog: {
      liveMap: () => Promise.reject(err),
      findJob: () => Promise.resolve(isThere ? {} : null),
    },
    folder: createImportFolder(dir, limits),
    limits: { seconds: 1, bytesMax: 1e6 },
    ops: { ...NO_OPS, dataSourceOp: (row: DataSourceOp) => ops.push(row) },
    ...{ counters: createCopyCounters(), gauge: { bytes: 0, highest: 0 }, now: () => 0 },
  } as unknown as CopyDeps
  const told = () => undefined
  const run = copyKind(deps).run(INPUT, {
    ...{ jobId: JOB, workspaceId: WORKSPACE, attempt, signal },
    ...{ progress: told, details: told, block: told, log: told },
  })
  await expect(run).rejects.toThrow()
  return [ops.map((each) => each.error), deps.counters.failed, (await readdir(dir)).length]
}

const PASSING = fault('engine.unavailable', { public: 'busy' })

it('is written down when it ended the job, by whatever failure, and not while another run follows', async () => {
  expect(await failed(PASSING)).toEqual([[], 0, 1])
  expect(await failed(PASSING, { attempt: 4 })).toEqual([['busy'], 1, 1])
  expect(await failed(fault('resource.missing', { public: 'gone' }))).toEqual([['gone'], 1, 1])
  const bug = ['The copy failed by an internal error.']
  expect(await failed(new TypeError('bug'))).toEqual([bug, 1, 1])
  const stopped = (why: 'shutdown' | 'cancelled'): AbortSignal =>
    AbortSignal.abort(new JobStopped(why))
  const cut = new Error('aborted')
  expect(await failed(cut, { signal: stopped('shutdown') })).toEqual([[], 0, 1])
  const cancelled = ['The copy was stopped.']
  expect(await failed(cut, { signal: stopped('cancelled') })).toEqual([cancelled, 1, 1])
})

it('that has swapped its rows in before it was cut off replaces nothing again, and tells what it came to', async () => {
  const outcome = { rows: 3, quarantined: 1, bytes: 30, firstError: 'no date' }
  const deps = {
    catalog: { findJob: () => Promise.resolve({}) },
    folder: createImportFolder(dir, { bytesMax: 1e6, freeBytesMin: 0, receivingMax: 1 }),
    replacements: {
      finished: ({ jobId }: { jobId: string }) => Promise.resolve(jobId === JOB ? outcome : null),
      begin: () => Promise.reject(new Error('replaces again')),
    },
    limits: { seconds: 1, bytesMax: 1e6 },
    ...{
      ops: NO_OPS,
      counters: createCopyCounters(),
      gauge: { bytes: 0, highest: 0 },
      now: () => 0,
    },
  } as unknown as CopyDeps
  const told = () => undefined
  const context = {
    ...{ workspaceId: WORKSPACE, attempt: 1, signal: new AbortController().signal },
    ...{ progress: told, details: told, block: told, log: told },
  }
  const replacing = { ...INPUT, mode: 'replace' } as const
  const again = copyKind(deps).run(replacing, { ...context, jobId: JOB })
  expect(await again).toEqual({ successful_rows: 3, quarantine_rows: 1, first_error: 'no date' })
  const other = copyKind(deps).run(replacing, { ...context, jobId: WORKSPACE })
  await expect(other).rejects.toThrow()
})

it('leaves no file of a job that went with its workspace', async () => {
  expect(await failed(PASSING, { isThere: false })).toEqual([[], 0, 0])
})

it('the end of one job removes the files of those whose workspace went while they waited, and no others', async () => {
  const [gone, waiting] = [WORKSPACE.replace('1', '3'), WORKSPACE.replace('1', '4')]
  await writeFile(join(dir, `${gone}.${JOB}`), '')
  await writeFile(join(dir, `${waiting}.${JOB}`), '')
  const deps = {
    catalog: { findJob: (id: string) => Promise.resolve(id === gone ? null : {}) },
    folder: createImportFolder(dir, { bytesMax: 1e6, freeBytesMin: 0, receivingMax: 1 }),
    limits: { seconds: 1 },
  } as unknown as CopyDeps
  await copyKind(deps).ended?.({ workspaceId: WORKSPACE, jobId: JOB })
  expect(await readdir(dir)).toEqual([`${waiting}.${JOB}`])
})

it('is not continued when its chunks may be forgotten: it would store rows twice', async () => {
  const startedAt = '2026-11-21T10:00:00.000Z'
  const hourMs = 3_600_000
  const at = (hours: number) => () => Date.parse(startedAt) + hours * hourMs
  const job = { workspaceId: WORKSPACE, jobId: JOB }
  const catalog = { findJob: () => Promise.resolve({ startedAt } as Job) }
  const remembering = { catalog, keysKeptMs: 2 * hourMs }
  await refuseForgotten({ ...remembering, now: at(1.9) }, job)
  await expect(refuseForgotten({ ...remembering, now: at(2) }, job)).rejects.toThrow(
    /cannot go on: it was begun at 2026-11-21T10:00:00.000Z.* 2 hours/,
  )
  const never = { findJob: () => Promise.resolve({ startedAt: null } as Job) }
  await refuseForgotten({ ...remembering, catalog: never, now: at(9) }, job)
})
