import { importInputSchema, type ImportInput } from '@sandpiper/contracts'
import { Fault } from '@sandpiper/faults'

import type { JobKind } from '../job-kind.ts'
import type { ImportDeps } from './import-deps.ts'
import { fileOfJob, runImport } from './run-import.ts'

/** Imports of one workspace at work; the others wait in line. */
const CONCURRENCY = 2
/** Milliseconds: a file of 32 GiB at a few megabytes per second. */
const RUN_MS_MAX = 6 * 3_600_000

/** Files into data sources. */
export function importKind(deps: ImportDeps): JobKind<ImportInput> {
  return {
    kind: 'import',
    input: importInputSchema,
    concurrencyPerWorkspace: CONCURRENCY,
    runMsMax: RUN_MS_MAX,
    isRerunnable: true,
    // A file is as large as its sender likes: one whose job was cancelled, or given up, must not stay until the next start.
    ended: ({ workspaceId, jobId }) => deps.folder.remove(fileOfJob(workspaceId, jobId)),
    async run(input, context) {
      try {
        const outcome = await runImport(deps, input, context)
        const { rows, quarantined, invalidLines, bytes, firstError, skippedViews } = outcome
        context.progress(100, { row_count: rows, bytes, quarantine_rows: quarantined })
        return {
          successful_rows: rows,
          quarantine_rows: quarantined,
          invalid_lines: invalidLines,
          ...(firstError === null ? {} : { first_error: firstError }),
          ...(skippedViews.length === 0 ? {} : { skipped_materializations: skippedViews }),
        }
      } catch (err) {
        // The one who waits for the answer gets the status that the fault has.
        if (err instanceof Fault) context.details({ error_code: err.code })
        throw err
      }
    },
  }
}
