// Deletes the rows of a data source that a condition is true for. The cut is the moment the mutation is submitted, under the turn of
// the workspace: rows in the table by then go, rows that come later stay. Materialized views keep what they have, as in Tinybird.
import type { Catalog } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import { deleteInputSchema, type DeleteInput } from '@sandpiper/contracts'
import {
  databaseName,
  findDataSource,
  tableName,
  type DeployedDataSource,
} from '@sandpiper/deployment'
import type { EventLog } from '@sandpiper/eventlog'
import { Fault, fault } from '@sandpiper/faults'
import { translateError } from '@sandpiper/pipes'
import type { OpsLog } from '@sandpiper/telemetry'

import type { JobContext, JobKind } from '../job-kind.ts'
import { isGivenUp } from '../job-stopped.ts'
import { findMutation, submitDelete, type MutationPlace } from './mutation.ts'
import { watchMutation } from './watch-mutation.ts'

/** What deleting takes. */
export interface DeleteDeps {
  readonly catalog: Pick<Catalog, 'liveMap'>
  readonly clickhouse: ClickHouse
  readonly log: Pick<EventLog, 'durableOf' | 'loaded' | 'turn'>
  readonly ops: OpsLog
  /** Unix milliseconds. */
  readonly now: () => number
}

const RUN_MS_MAX = 6 * 3_600_000
/** Milliseconds to wait for acknowledged rows that are only in the log, and for the turn. */
const BACKLOG_MS = 60_000
const TURN_MS = 60_000
/** Milliseconds for counting what will be deleted. */
const COUNT_MS = 600_000
/** Tables tried one after the other when deployments replace the table meanwhile. */
const TABLES_MAX = 5

/** The kind `delete_data`. */
export function deleteKind(deps: DeleteDeps): JobKind<DeleteInput> {
  return {
    kind: 'delete_data',
    input: deleteInputSchema,
    concurrencyPerWorkspace: 1,
    runMsMax: RUN_MS_MAX,
    isRerunnable: true,
    async run(input, context) {
      const startedAt = deps.now()
      try {
        await arrived(deps, context.workspaceId, input.dataSourceId, context.signal)
        const rows = await deleteRows(deps, input, context)
        note(deps, input, context, { startedAt, rows, error: null })
        return rows === null ? undefined : { rows_affected: rows }
      } catch (err) {
        // Another run goes on with it: what is noted then is the end.
        const isOver = isGivenUp(context.signal) || (err instanceof Fault && !err.retryable)
        const error = err instanceof Fault ? err.details.public : 'The delete was stopped.'
        if (isOver) note(deps, input, context, { startedAt, rows: null, error })
        throw err
      }
    },
  }
}

/** Rows acknowledged before the delete go too, unless the writer is far behind. */
async function arrived(
  { log }: DeleteDeps,
  workspaceId: string,
  dataSourceId: string,
  signal: AbortSignal,
): Promise<void> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(BACKLOG_MS)])
  const upTo = await log.durableOf(workspaceId)
  await log.loaded(dataSourceId, upTo, bounded).catch((err: unknown) => {
    signal.throwIfAborted()
    if (!(err instanceof Fault && err.code === 'server.busy')) throw err
  })
}

/** @returns how many rows the condition was true for shortly before the cut; null when an earlier run counted them. */
async function deleteRows(
  deps: DeleteDeps,
  input: DeleteInput,
  context: JobContext,
): Promise<number | null> {
  let rows: number | null = null
  for (let tables = 0; tables < TABLES_MAX; tables++) {
    const source = await sourceOf(deps, context.workspaceId, input)
    const place: MutationPlace = {
      database: databaseName(context.workspaceId),
      table: tableName(source.id, source.generation),
      jobId: context.jobId,
    }
    const names = new Map([[place.table, source.file.name]])
    try {
      const found = await deleteFrom(deps, place, input, context)
      if (found !== null) rows = (rows ?? 0) + found
    } catch (err) {
      throw inUserNames(err, names)
    }
    // A deployment may have copied the rows to another table while they were deleted from this one.
    const now = await sourceOf(deps, context.workspaceId, input)
    if (now.generation === source.generation) return rows
  }
  throw fault('server.busy', { public: 'The data source is being deployed again and again.' })
}

async function sourceOf(
  { catalog }: DeleteDeps,
  workspaceId: string,
  { dataSourceId, dataSourceName }: DeleteInput,
): Promise<DeployedDataSource> {
  const source = findDataSource((await catalog.liveMap(workspaceId)).map, dataSourceId)
  if (source !== undefined) return source
  throw fault('resource.missing', {
    public: `Data Source '${dataSourceName}' does not exist any more.`,
  })
}

/** Deletes from one table, or goes on with what an earlier run submitted. @returns rows counted; null when that was done before. */
async function deleteFrom(
  deps: DeleteDeps,
  place: MutationPlace,
  input: DeleteInput,
  context: JobContext,
): Promise<number | null> {
  const { signal } = context
  const isSubmitted = (await findMutation(deps.clickhouse, place)) !== null
  const rows = isSubmitted ? null : await countRows(deps.clickhouse, place, input.condition, signal)
  if (rows !== null) context.details({ rows_affected: rows })
  if (rows === 0) return 0
  if (!isSubmitted) {
    await submit(deps, place, input, context)
    context.log(`deleting ${rows} rows`)
  }
  let partsMax = 0
  const isThere = await watchMutation(deps.clickhouse, place, signal, (partsToDo) => {
    partsMax = Math.max(partsMax, partsToDo)
    context.progress(partsMax === 0 ? 0 : Math.floor(100 * (1 - partsToDo / partsMax)))
  })
  if (!isThere) {
    // The table went with a deployment; or the engine lost it, and the next run submits it again.
    const { generation } = await sourceOf(deps, context.workspaceId, input)
    if (place.table === tableName(input.dataSourceId, generation)) throw lost()
  }
  return rows
}

/** Under the turn no batch is in flight: each row is either in the table, or comes wholly after the cut. */
async function submit(
  deps: DeleteDeps,
  place: MutationPlace,
  { condition, isLight }: DeleteInput,
  { workspaceId, signal }: JobContext,
): Promise<void> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(TURN_MS)])
  const turn = await deps.log.turn(workspaceId, bounded)
  try {
    const during = AbortSignal.any([signal, turn.signal])
    await submitDelete(deps.clickhouse, place, { condition, isLight, signal: during })
  } finally {
    await turn.release()
  }
}

async function countRows(
  clickhouse: ClickHouse,
  { database, table }: MutationPlace,
  condition: string,
  signal: AbortSignal,
): Promise<number> {
  const sql = `SELECT count() AS rows FROM \`${database}\`.\`${table}\` WHERE ${condition}`
  const [row] = await clickhouse.rows<{ rows: string }>({ sql, timeoutMs: COUNT_MS, signal })
  return Number(row?.rows ?? 0)
}

function lost(): Fault {
  return fault('engine.unavailable', { public: 'The engine forgot the delete. It is tried again.' })
}

function inUserNames(err: unknown, names: ReadonlyMap<string, string>): unknown {
  if (!(err instanceof Fault)) return err
  return fault(err.code, { ...err.details, public: translateError(err.details.public, names) })
}

function note(
  deps: DeleteDeps,
  { dataSourceId, dataSourceName, shown }: DeleteInput,
  { workspaceId, jobId }: JobContext,
  end: { readonly startedAt: number; readonly rows: number | null; readonly error: string | null },
): void {
  deps.ops.dataSourceOp({
    ...{ workspaceId, dataSourceId, dataSourceName, jobId },
    eventType: 'delete_data',
    error: end.error,
    elapsedSeconds: (deps.now() - end.startedAt) / 1_000,
    rows: end.rows ?? 0,
    rowsQuarantine: 0,
    options: { delete_condition: shown.slice(0, 300) },
  })
}
