import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { JobContext, JobKind } from './job-kind.ts'
import { startJobsBench, type JobsBench } from './testing/start-jobs.ts'

let bench: JobsBench

beforeAll(async () => {
  bench = await startJobsBench()
})
afterAll(() => bench.stop())

const within = (): AbortSignal => AbortSignal.timeout(15_000)

/** A kind whose jobs do what the test says; each test has a kind of its own, so that tests do not meet. */
function kindOf(
  run: (input: string, context: JobContext) => Promise<Record<string, unknown> | undefined>,
  changes: Partial<JobKind> = {},
): JobKind {
  return {
    kind: `kind_${randomUUID()}`,
    input: z.string(),
    concurrencyPerWorkspace: 1,
    isRerunnable: true,
    run: (input, context) => run(input as string, context),
    ...changes,
  }
}

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
    const job = await jobs.enqueue({
      ...{ kind: kind.kind, workspaceId, input: 'hello', details: { datasource: { name: 'e' } } },
    })
    expect(job).toMatchObject({ status: 'waiting', startedAt: null })
    const done = await jobs.finished(workspaceId, job.id, within())
    expect(done).toMatchObject({
      status: 'done',
      progress: 100,
      statistics: { row_count: 4 },
      details: { datasource: { name: 'e' }, said: 'hello' },
    })
    expect(done.startedAt).not.toBeNull()
    expect(await bench.catalog.jobNotes(workspaceId, job.id)).toEqual({
      blocks: [{ block_id: 'b1' }],
      log: ['half way'],
    })
    expect(ops.map((each) => each.status)).toEqual(['waiting', 'working', 'done'])
  })
})
