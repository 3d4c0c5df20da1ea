// One run of a copy. The result of its SELECT is written to a file, whole and synced, before the first row goes anywhere: a run that is
// cut off and run again goes on with the same rows. From there they take the way of an imported file: chunks of the event log under
// keys of their own, loaded by the writer, through the views behind the target; replacing fills new tables that are swapped in at once.
import { EMPTY_DATABASE } from '@sandpiper/clickhouse'
import type { CopyInput } from '@sandpiper/contracts'
import { databaseName, findDataSource, insertSelect, tableName } from '@sandpiper/deployment'
import { fault, type Fault } from '@sandpiper/faults'

import type { JobContext } from '../job-kind.ts'
import { storeRows, type RowsOrigin, type Stored } from '../imports/store-rows.ts'
import { refuseForgotten } from '../imports/refuse-forgotten.ts'
import { fileOfJob } from '../imports/run-import.ts'
import { compileCopy, copySettings, inUserNames, type CompiledCopy } from './compiled-copy.ts'
import { openCopiedRows } from './copied-rows.ts'
import type { CopyDeps } from './copy-deps.ts'

/** What a run came to. */
export type Copied = Pick<Stored, 'rows' | 'quarantined' | 'bytes' | 'firstError'>

/** Runs a copy to its end. The file stays until the job is over. @throws faults in the user's own names. */
export async function runCopy(
  deps: CopyDeps,
  input: CopyInput,
  context: JobContext,
): Promise<Copied> {
  const { workspaceId, jobId, signal } = context
  const done = input.mode === 'replace' ? await deps.replacements.finished(context) : null
  // Replaced once more, rows that came since the swap would be gone.
  if (done !== null) return done as unknown as Copied
  const name = fileOfJob(workspaceId, jobId)
  if ((await deps.folder.size(name)) === null) {
    const copy = await compileCopy(deps, workspaceId, input, signal)
    if (copy.hasStates) return replaceInEngine(deps, input, copy, context)
    context.log('running the query')
    const { bytes } = await spool(deps, copy, name, context)
    context.log(`the result has ${bytes} bytes`)
  }
  return input.mode === 'replace'
    ? replaceRows(deps, input, name, context)
    : appendRows(deps, input, name, context)
}

function spool(
  deps: CopyDeps,
  copy: CompiledCopy,
  name: string,
  { workspaceId, jobId, attempt, signal }: JobContext,
): Promise<{ readonly bytes: number }> {
  const { compiled, expressions } = copy
  return inPlace(deps, workspaceId, signal, () =>
    inUserNames(copy, async () => {
      const { body } = await deps.clickhouse.query({
        sql: `SELECT ${expressions.join(', ')} FROM (\n${compiled.sql}\n)`,
        ...{ params: compiled.params, database: EMPTY_DATABASE, signal },
        settings: copySettings(copy),
        format: 'JSONEachRow',
        queryId: `${jobId}.${attempt}`,
        timeoutMs: copy.limits.query.timeoutSeconds * 1_000,
      })
      return deps.folder.derive(name, body)
    }),
  )
}

/** A copy is a query of its workspace like any other: beside too many of them it waits for its turn, and the queries of others find room. */
async function inPlace<Result>(
  { slots }: CopyDeps,
  workspaceId: string,
  signal: AbortSignal,
  run: () => Promise<Result>,
): Promise<Result> {
  const giveBack = await slots.take(workspaceId, signal, 'whatever').catch((err: unknown) => {
    signal.throwIfAborted()
    throw err
  })
  try {
    return await run()
  } finally {
    giveBack()
  }
}

async function appendRows(
  deps: CopyDeps,
  input: CopyInput,
  name: string,
  context: JobContext,
): Promise<Copied> {
  await refuseForgotten(deps, context)
  const file = openCopiedRows(deps.folder.path(name), SPOOLED_BYTES_MAX, context.signal)
  const to = {
    key: context.jobId,
    async columns() {
      const { map } = await deps.catalog.liveMap(context.workspaceId)
      const source = findDataSource(map, input.dataSourceId)
      if (source === undefined) throw removed(input)
      return { schemaVersion: source.schemaVersion, columns: source.file.columns }
    },
  }
  const stored = await storeRows(deps, originOf(input, context), file, to, context)
  if (stored.viewError !== null)
    throw fault('ingest.partial', {
      public: `The rows are in ${input.dataSourceName}, but a materialized view failed: ${stored.viewError}`,
    })
  return stored
}

/** What was bounded as it was written need not be bounded again. */
const SPOOLED_BYTES_MAX = Number.MAX_SAFE_INTEGER

async function replaceRows(
  deps: CopyDeps,
  input: CopyInput,
  name: string,
  context: JobContext,
): Promise<Copied> {
  return replacing(deps, input, context, async ({ schemaVersion, columns }) => {
    const file = openCopiedRows(deps.folder.path(name), SPOOLED_BYTES_MAX, context.signal)
    const to = {
      // Each attempt fills tables of its own.
      key: `${context.jobId}:${schemaVersion}`,
      columns: () => Promise.resolve({ schemaVersion, columns }),
    }
    const stored = await storeRows(deps, originOf(input, context), file, to, context)
    if (stored.viewError !== null)
      throw fault('request.invalid', {
        public: `Nothing was replaced: a materialized view failed: ${stored.viewError}`,
      })
    if (stored.rows === 0 && stored.quarantined > 0)
      throw fault('request.invalid', {
        public: `Nothing was replaced: none of the ${stored.quarantined} rows is valid: ${stored.firstError ?? ''}`,
      })
    return stored
  })
}

type Fresh = Awaited<ReturnType<CopyDeps['replacements']['begin']>>

/** Fills new tables and swaps them in, or leaves everything as it was. */
async function replacing(
  deps: CopyDeps,
  { dataSourceId }: CopyInput,
  { workspaceId, jobId, signal }: JobContext,
  fill: (fresh: Fresh) => Promise<Copied>,
): Promise<Copied> {
  const all = { condition: null, skipIncompatiblePartitionKey: false }
  const fresh = await deps.replacements.begin({ workspaceId, jobId, dataSourceId, ...all }, signal)
  try {
    const { rows, quarantined, bytes, firstError } = await fill(fresh)
    const copied = { rows, quarantined, bytes, firstError }
    signal.throwIfAborted()
    await fresh.finish(copied, signal)
    deps.counters.replacements += 1
    return copied
  } catch (err) {
    await fresh.discard().catch((cause: unknown) => {
      deps.logger.warn({ err: cause }, 'the tables of a copy could not be removed yet')
    })
    throw err
  }
}

/**
 * States of aggregates cannot be written as text. The engine fills the new table itself, which nobody reads and no event reaches; under the
 * turn, since views that other sources feed may lie behind it.
 */
async function replaceInEngine(
  deps: CopyDeps,
  input: CopyInput,
  copy: CompiledCopy,
  context: JobContext,
): Promise<Copied> {
  const { workspaceId, signal, jobId, attempt } = context
  const { compiled, columns, target } = copy
  if (input.mode !== 'replace') throw onlyReplaced(input)
  const run = async ({ schemaVersion }: Fresh): Promise<Copied> => {
    const schema = await deps.catalog.schema(target.id, schemaVersion)
    if (schema === null) throw removed(input)
    const database = databaseName(workspaceId)
    const table = tableName(target.id, schema.generation)
    const turn = await deps.log.turn(workspaceId, signal)
    try {
      const during = AbortSignal.any([signal, turn.signal])
      context.log('the engine fills the table')
      await inUserNames(copy, () =>
        deps.clickhouse.command({
          sql: insertSelect({ database, table, columns, select: compiled.sql }),
          ...{ params: compiled.params, database: EMPTY_DATABASE, signal: during },
          settings: { ...copySettings(copy), ...INSERTING },
          queryId: `${jobId}.${attempt}`,
          timeoutMs: copy.limits.query.timeoutSeconds * 1_000,
        }),
      )
    } finally {
      await turn.release()
    }
    const [found] = await deps.clickhouse.rows<{ rows: string; bytes: string }>({
      sql: `SELECT sum(rows) AS rows, sum(data_uncompressed_bytes) AS bytes FROM system.parts
            WHERE database = {database:String} AND table = {table:String} AND active`,
      params: { database, table },
    })
    const [rows, bytes] = [Number(found?.rows ?? 0), Number(found?.bytes ?? 0)]
    deps.counters.rows += rows
    return { rows, bytes, quarantined: 0, firstError: null }
  }
  return inPlace(deps, workspaceId, signal, () => replacing(deps, input, context, run))
}

/** The gate has judged the SELECT; what is around it is ours. A NULL that a column does not take fails the run instead of becoming a zero. */
const INSERTING = {
  readonly: 0,
  max_partitions_per_insert_block: 0,
  insert_deduplicate: 0,
  insert_null_as_default: 0,
}

function originOf(
  { dataSourceId, dataSourceName, requestId, pipeName }: CopyInput,
  { jobId }: JobContext,
): RowsOrigin {
  return {
    ...{ importId: jobId, dataSourceId, dataSourceName, requestId },
    shownSource: `pipe ${pipeName}`,
  }
}

function onlyReplaced({ dataSourceName }: CopyInput): Fault {
  return fault('request.invalid', {
    public: `${dataSourceName} has AggregateFunction columns: rows cannot be appended to it by a copy, only replaced. Use COPY_MODE replace or a materialized pipe.`,
  })
}

function removed({ dataSourceName }: CopyInput): Fault {
  return fault('resource.missing', {
    public: `Data Source '${dataSourceName}' was removed while rows were copied.`,
  })
}
