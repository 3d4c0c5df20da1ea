import { populationInputSchema, type PopulationInput, type Populations } from '@sandpiper/contracts'
import type { OpsLog } from '@sandpiper/telemetry'

import type { JobContext, JobKind } from '../job-kind.ts'
import { ATTEMPTS_MAX, isLastRun, isPassingHere, textOfFailure } from './is-passing-here.ts'

/** What populations use. */
export interface PopulationDeps {
  readonly populations: Populations
  readonly ops: OpsLog
  /** Unix milliseconds. */
  readonly now: () => number
}

/** Milliseconds of one run. */
const RUN_MS_MAX = 6 * 3_600_000

/** Populations of materialized pipes. One at a time in a workspace: each holds its turn. */
export function populationKind(deps: PopulationDeps): JobKind<PopulationInput> {
  return {
    kind: 'populateview',
    input: populationInputSchema,
    concurrencyPerWorkspace: 1,
    runMsMax: RUN_MS_MAX,
    isRerunnable: true,
    attemptsMax: ATTEMPTS_MAX,
    isRetriable: isPassingHere,
    async run(input, context) {
      const { jobId, workspaceId, signal } = context
      const beganMs = deps.now()
      let readRows = 0
      try {
        const { rows } = await deps.populations.run(
          { ...input, workspaceId, jobId },
          signal,
          (now) => {
            readRows = Math.max(readRows, now.readRows)
            const part = now.totalRows > 0 ? (100 * now.readRows) / now.totalRows : null
            // Views are swapped after the last row.
            const percent = part === null ? null : Math.min(99, Math.floor(part))
            context.progress(percent, { read_rows: now.readRows, total_rows: now.totalRows })
          },
        )
        note(deps, input, context, { beganMs, rows, readRows, error: null })
        context.progress(100, { row_count: rows, read_rows: readRows })
        return { target_rows: rows }
      } catch (err) {
        const error = textOfFailure(err, 'population', signal)
        if (isLastRun(err, context))
          note(deps, input, context, { beganMs, rows: 0, readRows, error })
        throw err
      }
    },
  }
}

function note(
  deps: PopulationDeps,
  input: PopulationInput,
  { jobId, workspaceId }: JobContext,
  end: {
    readonly beganMs: number
    readonly rows: number
    readonly readRows: number
    readonly error: string | null
  },
): void {
  const { pipeId, pipeName, dataSourceId, dataSourceName, truncate, condition, subset } = input
  const { rows, readRows, error } = end
  deps.ops.dataSourceOp({
    ...{ workspaceId, dataSourceId, dataSourceName, jobId, pipeId, pipeName, error, readRows },
    ...{ eventType: 'populateview', operationId: jobId, rows, rowsQuarantine: 0 },
    ...{ writtenRows: rows },
    elapsedSeconds: Math.max(0, deps.now() - end.beganMs) / 1_000,
    options: {
      truncate: String(truncate),
      ...(condition === null ? {} : { populate_condition: condition.slice(0, 300) }),
      ...(subset === null ? {} : { populate_subset: String(subset) }),
    },
  })
}
