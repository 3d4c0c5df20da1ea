// One import from its file, or its URL, to rows that can be read. It may be cut off anywhere and run again: a file that was fetched is
// complete or not there, chunks that are in the log are not stored again, and a replacement starts anew beside what is live.
import type { ImportInput, ImportOutcome } from '@sandpiper/contracts'
import { findDataSource } from '@sandpiper/deployment'
import { Fault, fault } from '@sandpiper/faults'

import type { JobContext } from '../job-kind.ts'
import type { ImportDeps } from './import-deps.ts'
import { openRows } from './open-rows.ts'
import { refuseForgotten } from './refuse-forgotten.ts'
import { storeRows, type Destination, type RowsOrigin, type Stored } from './store-rows.ts'

/** What an import tells while it runs. */
export type ImportContext = Pick<
  JobContext,
  'jobId' | 'workspaceId' | 'signal' | 'progress' | 'details' | 'block' | 'log'
>

/** Name of the file of a job. */
export function fileOfJob(workspaceId: string, jobId: string): string {
  return `${workspaceId}.${jobId}`
}

/** Runs an import. The file goes when it is done or has failed for good. @throws faults, with counts in their text when rows were stored. */
export async function runImport(
  deps: ImportDeps,
  input: ImportInput,
  context: ImportContext,
): Promise<ImportOutcome> {
  const beganMs = performance.now()
  const seconds = (): number => (performance.now() - beganMs) / 1000
  const name = fileOfJob(context.workspaceId, context.jobId)
  try {
    const stored = await store(deps, input, name, context)
    deps.counters.imports += 1
    note(deps, input, context, { ...stored, seconds: seconds(), error: null })
    await deps.folder.remove(name)
    return outcomeOf(input, stored)
  } catch (err) {
    const isFinal = err instanceof Fault && !err.retryable
    if (!isFinal) throw err
    deps.counters.failed += 1
    const nothing = { rows: 0, quarantined: 0, bytes: 0 }
    note(deps, input, context, { ...nothing, seconds: seconds(), error: err.details.public })
    await deps.folder.remove(name)
    throw err
  }
}

async function store(
  deps: ImportDeps,
  input: ImportInput,
  name: string,
  context: ImportContext,
): Promise<Stored & { skippedViews: readonly string[] }> {
  if (input.mode === 'replace') {
    const { workspaceId } = context
    const done = await deps.replacements.finished({ workspaceId, jobId: input.importId })
    // Replaced once more, rows that came since the swap would be gone.
    if (done !== null) return { ...(done as unknown as Stored), skippedViews: [] }
  }
  await fetched(deps, input, name, context)
  return input.mode === 'replace'
    ? replace(deps, input, name, context)
    : append(deps, input, name, context)
}

async function fetched(
  deps: ImportDeps,
  { source }: ImportInput,
  name: string,
  { signal, log }: ImportContext,
): Promise<void> {
  if ((await deps.folder.size(name)) !== null) return
  if (source.kind === 'file')
    throw fault('request.invalid', { public: 'The file of this import is gone: send it again.' })
  log('fetching')
  const stream = await deps.fetchFile(source.url, { signal })
  const { bytes } = await deps.folder.derive(name, stream)
  log(`fetched ${bytes} bytes`)
}

async function append(
  deps: ImportDeps,
  input: ImportInput,
  name: string,
  context: ImportContext,
): Promise<Stored & { skippedViews: readonly string[] }> {
  await refuseForgotten(deps, context)
  const to: Destination = {
    key: input.importId,
    async columns() {
      const { map } = await deps.catalog.liveMap(context.workspaceId)
      const source = findDataSource(map, input.dataSourceId)
      if (source === undefined) throw gone(input)
      return { schemaVersion: source.schemaVersion, columns: source.file.columns }
    },
  }
  const file = await openRows(deps, name, input, context.signal)
  const stored = await storeRows(deps, originOf(input), file, to, context)
  if (stored.viewError !== null) {
    throw fault('ingest.partial', {
      public: `The rows are in ${input.dataSourceName}, but a materialized view failed: ${stored.viewError}`,
    })
  }
  return { ...stored, skippedViews: [] }
}

async function replace(
  deps: ImportDeps,
  input: ImportInput,
  name: string,
  context: ImportContext,
): Promise<Stored & { skippedViews: readonly string[] }> {
  const { replaceCondition: condition, skipIncompatiblePartitionKey, dataSourceId } = input
  const file = await openRows(deps, name, input, context.signal)
  const replacement = await deps.replacements.begin(
    {
      ...{ workspaceId: context.workspaceId, jobId: input.importId },
      ...{ dataSourceId, condition, skipIncompatiblePartitionKey },
    },
    context.signal,
  )
  try {
    const { schemaVersion, columns } = replacement
    const to: Destination = {
      // Each attempt fills a table of its own.
      key: `${input.importId}:${schemaVersion}`,
      columns: () => Promise.resolve({ schemaVersion, columns }),
    }
    const stored = await storeRows(deps, originOf(input), file, to, context)
    if (stored.viewError !== null)
      throw fault('request.invalid', {
        public: `Nothing was replaced: a materialized view failed: ${stored.viewError}`,
      })
    if (stored.rows === 0 && !input.truncateWhenEmpty) throw nothingToReplaceBy(stored)
    const { skippedViews } = await replacement.finish({ ...stored }, context.signal)
    deps.counters.replacements += 1
    return { ...stored, skippedViews }
  } catch (err) {
    await replacement.discard().catch((cause: unknown) => {
      deps.logger.warn({ err: cause }, 'the tables of a replacement could not be removed yet')
    })
    throw err
  }
}

function nothingToReplaceBy({ quarantined, firstError }: Stored): Fault {
  const why =
    quarantined === 0
      ? 'the file has no rows. Set replace_truncate_when_empty=true to remove all rows'
      : `none of the ${quarantined} rows of the file is valid: ${firstError ?? ''}`
  return fault('request.invalid', { public: `Nothing was replaced: ${why}` })
}

function gone({ dataSourceName }: ImportInput): Fault {
  return fault('resource.missing', {
    public: `Data Source '${dataSourceName}' was removed while the file was imported.`,
  })
}

function note(
  deps: ImportDeps,
  input: ImportInput,
  { jobId, workspaceId }: ImportContext,
  done: { rows: number; quarantined: number; bytes: number; seconds: number; error: string | null },
): void {
  const { dataSourceId, dataSourceName, importId, requestId, mode, replaceCondition } = input
  deps.ops.dataSourceOp({
    ...{ workspaceId, dataSourceId, dataSourceName, importId, jobId, requestId },
    eventType: mode === 'replace' ? 'replace' : 'append',
    error: done.error,
    elapsedSeconds: done.seconds,
    rows: done.rows,
    rowsQuarantine: done.quarantined,
    readBytes: done.bytes,
    options: {
      source: sourceOf(input),
      ...(replaceCondition === null ? {} : { replace_condition: replaceCondition.slice(0, 300) }),
    },
  })
}

function outcomeOf(
  { importId }: ImportInput,
  stored: Stored & { skippedViews: readonly string[] },
): ImportOutcome {
  const { rows, quarantined, invalidLines, bytes, firstError, blocks, skippedViews } = stored
  return {
    ...{ importId, rows, quarantined, invalidLines, bytes, firstError },
    ...{ blocks, skippedViews: [...skippedViews] },
  }
}

function originOf(input: ImportInput): RowsOrigin {
  return { ...input, shownSource: sourceOf(input) }
}

/** `body`, or the URL without what may be secret in it. */
function sourceOf({ source }: ImportInput): string {
  if (source.kind === 'file') return 'body'
  try {
    const { protocol, host, pathname } = new URL(source.url)
    return `${protocol}//${host}${pathname}`.slice(0, 300)
  } catch {
    return 'url'
  }
}
