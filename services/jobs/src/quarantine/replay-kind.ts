// Replays of quarantined rows as jobs: see @sandpiper/quarantine for how each row comes in once.
import { healRequestSchema } from '@sandpiper/contracts'
import { Fault } from '@sandpiper/faults'
import { readCauses, replayQuarantine, type ReplayDeps } from '@sandpiper/quarantine'
import type { OpsLog } from '@sandpiper/telemetry'
import { z } from 'zod'

import type { JobContext, JobKind } from '../job-kind.ts'

const inputSchema = z.strictObject({ data_source_id: z.string(), request: healRequestSchema })

type Input = z.infer<typeof inputSchema>

/** What it works with. */
export interface ReplayKindDeps extends ReplayDeps {
  readonly ops: OpsLog
}

/** Quarantined rows back into their data source. One at a time in a workspace: a second one finds what the first left. */
export function replayKind(deps: ReplayKindDeps): JobKind<Input> {
  return {
    kind: 'quarantine_replay',
    input: inputSchema,
    concurrencyPerWorkspace: 1,
    isRerunnable: true,
    async run(input, context) {
      const began = deps.now()
      const done = { recovered: 0, remaining: 0 }
      const report = (error: string | null): Promise<void> =>
        noteOp(deps, { input, context, began, error, ...done })
      try {
        const total = await countSelected(deps, context.workspaceId, input)
        const result = await replayQuarantine(
          deps,
          {
            id: context.jobId,
            workspaceId: context.workspaceId,
            dataSourceId: input.data_source_id,
            request: input.request,
          },
          {
            signal: context.signal,
            progress(now) {
              Object.assign(done, { recovered: now.recovered, remaining: now.remaining })
              const part = (100 * (now.recovered + now.remaining)) / Math.max(1, total)
              context.progress(Math.min(100, part), { row_count: now.recovered })
              context.details({ recovered_rows: now.recovered, remaining_rows: now.remaining })
            },
          },
        )
        Object.assign(done, result)
        await report(null)
        const { recovered, remaining, viewFailure } = result
        return {
          recovered_rows: recovered,
          remaining_rows: remaining,
          ...(viewFailure === null ? {} : { view_failure: viewFailure }),
        }
      } catch (err) {
        await report(err instanceof Fault ? err.message : 'the replay did not end')
        throw err
      }
    },
  }
}

/** For the progress; another number of rows does no harm. */
async function countSelected(
  deps: ReplayDeps,
  workspaceId: string,
  { data_source_id: id, request }: Input,
): Promise<number> {
  const source = { id, generation: Number.MAX_SAFE_INTEGER }
  const { mapping: _, ...selection } = request
  const options = { selection, limit: 1, samples: 0 }
  return (await readCauses(deps.clickhouse, workspaceId, source, options)).counts.rows
}

interface Outcome {
  readonly input: Input
  readonly context: JobContext
  readonly began: number
  readonly error: string | null
  readonly recovered: number
  readonly remaining: number
}

async function noteOp(deps: ReplayKindDeps, outcome: Outcome): Promise<void> {
  const { input, context, began, error, recovered, remaining } = outcome
  const name = await deps.catalog.liveMap(context.workspaceId).then(
    ({ map }) =>
      Object.values(map.dataSources).find(({ id }) => id === input.data_source_id)?.file.name,
    () => undefined,
  )
  deps.ops.dataSourceOp({
    workspaceId: context.workspaceId,
    eventType: 'quarantine-replay',
    dataSourceId: input.data_source_id,
    dataSourceName: name ?? '',
    error,
    elapsedSeconds: Math.max(0, deps.now() - began) / 1_000,
    rows: recovered,
    rowsQuarantine: remaining,
    jobId: context.jobId,
  })
}
