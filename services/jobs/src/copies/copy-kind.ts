import { copyInputSchema, type CopyInput } from '@sandpiper/contracts'

import { fileOfJob } from '../imports/run-import.ts'
import type { JobContext, JobKind } from '../job-kind.ts'
import type { CopyDeps } from './copy-deps.ts'
import { ATTEMPTS_MAX, isLastRun, isPassingHere, textOfFailure } from './is-passing-here.ts'
import { runCopy, type Copied } from './run-copy.ts'

/** Copies of one workspace at work; the others wait in line. */
const CONCURRENCY = 2
/** Milliseconds beyond the time of the SELECT in which rows are stored. */
const STORING_MS_MAX = 4 * 3_600_000

/** Copy pipes. */
export function copyKind(deps: CopyDeps): JobKind<CopyInput> {
  return {
    kind: 'copy',
    input: copyInputSchema,
    concurrencyPerWorkspace: CONCURRENCY,
    runMsMax: deps.limits.seconds * 1_000 + STORING_MS_MAX,
    isRerunnable: true,
    attemptsMax: ATTEMPTS_MAX,
    isRetriable: isPassingHere,
    async ended({ workspaceId, jobId }) {
      await deps.folder.remove(fileOfJob(workspaceId, jobId))
      await removeOrphans(deps)
    },
    async run(input, context) {
      const beganMs = deps.now()
      try {
        const copied = await runCopy(deps, input, context)
        deps.counters.copies += 1
        note(deps, input, context, { copied, beganMs, error: null })
        const { rows, bytes, quarantined, firstError } = copied
        context.progress(100, { row_count: rows, bytes, quarantine_rows: quarantined })
        return {
          ...{ successful_rows: rows, quarantine_rows: quarantined },
          ...(firstError === null ? {} : { first_error: firstError }),
        }
      } catch (err) {
        if (isLastRun(err, context)) {
          deps.counters.failed += 1
          const error = textOfFailure(err, 'copy', context.signal)
          note(deps, input, context, { copied: null, beganMs, error })
        }
        throw err
      } finally {
        await removeOrphan(deps, context)
      }
    },
  }
}

/** A job that waited for its next run when its workspace was removed is not run again. */
async function removeOrphans({
  catalog,
  folder,
}: Pick<CopyDeps, 'catalog' | 'folder'>): Promise<void> {
  for (const name of await folder.names()) {
    const [workspaceId = '', jobId = ''] = name.split('.')
    await removeOrphan({ catalog, folder }, { workspaceId, jobId })
  }
}

/** A job that went with its workspace has no end of its own. */
async function removeOrphan(
  { catalog, folder }: Pick<CopyDeps, 'catalog' | 'folder'>,
  { workspaceId, jobId }: Pick<JobContext, 'workspaceId' | 'jobId'>,
): Promise<void> {
  const job = await catalog.findJob(workspaceId, jobId).catch(() => undefined)
  if (job === null) await folder.remove(fileOfJob(workspaceId, jobId))
}

function note(
  deps: CopyDeps,
  { dataSourceId, dataSourceName, requestId, pipeId, pipeName, mode, scheduledAt }: CopyInput,
  { jobId, workspaceId }: JobContext,
  end: {
    readonly copied: Copied | null
    readonly beganMs: number
    readonly error: string | null
  },
): void {
  const { copied, beganMs, error } = end
  deps.ops.dataSourceOp({
    ...{ workspaceId, dataSourceId, dataSourceName, jobId, requestId, pipeId, pipeName, error },
    ...{ eventType: 'copy', operationId: jobId },
    elapsedSeconds: Math.max(0, deps.now() - beganMs) / 1_000,
    rows: copied?.rows ?? 0,
    rowsQuarantine: copied?.quarantined ?? 0,
    writtenRows: copied?.rows ?? 0,
    writtenBytes: copied?.bytes ?? 0,
    options: { mode, ...(scheduledAt === null ? {} : { scheduled_at: scheduledAt }) },
  })
}
