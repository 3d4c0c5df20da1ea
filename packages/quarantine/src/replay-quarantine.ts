// Brings quarantined rows into their data source, each once, whatever dies in between. Chunk by chunk: it is noted in the catalog which
// rows are about to be taken, under which idempotency key; they are appended to the event log; when they are loaded they are removed
// from the quarantine; the note goes. Whoever finds a note asks the log whether the key was used, and goes on from there. See docs/adr/0010.
import type { Catalog, ReplayChunkEnd, ReplayRecord } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { HealMapping, HealRequest } from '@sandpiper/contracts'
import type { DeployedDataSource } from '@sandpiper/deployment'
import type { EventLog, NewFrame } from '@sandpiper/eventlog'
import { Fault, fault } from '@sandpiper/faults'
import { bodyHash, type IdempotentLog } from '@sandpiper/idempotency'
import { createLineHealer, mappingProblem } from '@sandpiper/rows'
import { healRows } from './heal-rows.ts'
import { quarantineTables } from './quarantine-tables.ts'
import { type PageCursor, type QuarantinedRow, readPage, readRows } from './read-page.ts'
import { clearRemoved, removeRows } from './remove-rows.ts'

/** Exactly what a replay works with. */
export interface ReplayDeps {
  readonly catalog: Pick<
    Catalog,
    'liveMap' | 'openReplay' | 'beginReplayChunk' | 'endReplayChunk' | 'closeReplay'
  >
  readonly clickhouse: ClickHouse
  readonly log: Pick<EventLog, 'loaded' | 'turn'>
  readonly keys: Pick<IdempotentLog, 'claim'>
  /** Unix milliseconds. */
  readonly now: () => number
  /** ULIDs. */
  readonly newRequestId: () => string
  /** Called between the steps; tests stop there. */
  readonly reached?: (step: ReplayStep) => void
}

/** The steps of a chunk. */
export type ReplayStep = 'begun' | 'appended' | 'loaded' | 'removed' | 'ended'

/** What is to be replayed. */
export interface ReplayInput {
  /** UUID, that of the job: the same id goes on where it stopped. */
  readonly id: string
  readonly workspaceId: string
  /** `t_...` */
  readonly dataSourceId: string
  readonly request: HealRequest
}

/** What it came to, since the replay was first opened. */
export interface ReplayResult {
  readonly recovered: number
  readonly remaining: number
  /** Set when a materialized view could not take some of the rows; they are in the data source. */
  readonly viewFailure: string | null
}

/** How a replay is watched and stopped. */
export interface ReplayContext {
  /** Stops it between two chunks. */
  readonly signal: AbortSignal
  progress(done: { readonly recovered: number; readonly remaining: number }): void
}

const LOADED_TIMEOUT_MS = 60_000
const CLAIM_TIMEOUT_MS = 15_000
const EMPTY = Buffer.alloc(0)

/**
 * Replays the selected rows, oldest first. Rows that stay invalid stay in the quarantine; rows that come in meanwhile are left alone.
 * Safe to run again after it was cut off at any point, with the same id or another.
 * @throws fault `request.conflict` while another replay of the data source runs | `resource.missing` | `request.invalid` when the mapping
 * does not fit the columns that are live | those of engine, catalog and log: then it goes on when it is run again.
 */
export async function replayQuarantine(
  deps: ReplayDeps,
  input: ReplayInput,
  context: ReplayContext,
): Promise<ReplayResult> {
  const upTo = Math.floor(deps.now() / 1_000)
  let record = await deps.catalog.openReplay({ ...input, upTo })
  let viewFailure: string | null = null
  const settle = async (rows: Buffer | null): Promise<void> => {
    const settled = await settleChunk(deps, input, record, rows)
    viewFailure = settled.viewFailure ?? viewFailure
    record = await deps.catalog.endReplayChunk(record, settled.end)
    deps.reached?.('ended')
    context.progress(record)
  }
  if (record.chunk !== null) await settle(null)
  while (!context.signal.aborted) {
    const next = await nextChunk(deps, input, record)
    if (next === null) break
    const { chunks } = record
    record = await deps.catalog.beginReplayChunk(record, next.chunk)
    // Another replay took over and has read the same rows, perhaps.
    if (record.chunk === null && record.chunks === chunks) break
    deps.reached?.('begun')
    // Another run of this replay may have begun another chunk, or ended this one.
    const isOurs = JSON.stringify(record.chunk) === JSON.stringify(next.chunk)
    if (record.chunk !== null) await settle(isOurs ? next.rows : null)
  }
  if (record.recovered > 0) await clearRemoved(deps, input)
  await deps.catalog.closeReplay(input.id)
  context.signal.throwIfAborted()
  return { recovered: record.recovered, remaining: record.remaining, viewFailure }
}

/** What stands in the catalog while a chunk is under way. */
interface Chunk {
  readonly replayId: string
  /** Idempotency key of its frame. */
  readonly key: string
  /** What its rows were judged by. */
  readonly schemaVersion: number
  readonly mapping: HealMapping | null
  /** Rows that are taken. */
  readonly ids: readonly string[]
  /** Rows that are left. */
  readonly remaining: number
  readonly last: PageCursor
}

/** The next page of rows, judged; null when there is none. */
async function nextChunk(
  deps: ReplayDeps,
  { id, workspaceId, dataSourceId, request }: ReplayInput,
  record: ReplayRecord,
): Promise<{ readonly chunk: Chunk; readonly rows: Buffer } | null> {
  const source = await liveSource(deps, workspaceId, dataSourceId)
  const { mapping, ...selection } = request
  const problem = mappingProblem(source.file.columns, mapping ?? {})
  if (problem !== null) throw fault('request.invalid', { public: problem })
  const tables = await quarantineTables(deps.clickhouse, workspaceId, source)
  const after = record.cursor as PageCursor | null
  const page = await readPage(deps.clickhouse, tables, { ...selection, upTo: record.upTo }, after)
  if (page.last === null) return null
  const healed = await healedRows(source, mapping ?? null, page.rows)
  const chunk: Chunk = {
    replayId: id,
    key: `quarantine-replay:${id}:${record.chunks}`,
    schemaVersion: source.schemaVersion,
    mapping: mapping ?? null,
    ids: healed.ids,
    remaining: page.rows.length - healed.ids.length,
    last: page.last,
  }
  return { chunk, rows: healed.rows }
}

/** Brings the chunk of the record to its end, wherever it was cut off. @param rows of the chunk, when they are at hand. */
async function settleChunk(
  deps: ReplayDeps,
  input: ReplayInput,
  record: ReplayRecord,
  rows: Buffer | null,
): Promise<{ readonly end: ReplayChunkEnd; readonly viewFailure: string | null }> {
  const chunk = record.chunk as Chunk
  // Another replay's chunk, taken over: it moves nothing on here.
  const unmoved = { cursor: record.cursor, recovered: 0, remaining: 0 }
  const end = chunk.replayId === input.id ? endOf(chunk) : unmoved
  if (chunk.ids.length === 0) return { end, viewFailure: null }
  const sequence = await appended(deps, input, chunk, rows)
  if (sequence === null) return { end: unmoved, viewFailure: null }
  deps.reached?.('appended')
  const viewFailure = await loaded(deps, input.dataSourceId, sequence)
  deps.reached?.('loaded')
  await removeRows(deps, input, chunk.ids)
  deps.reached?.('removed')
  return { end, viewFailure }
}

/** Position of the chunk's frame in the log, appended now or before; null when nothing of it was stored and its columns are no more live. */
async function appended(
  deps: ReplayDeps,
  { workspaceId, dataSourceId }: ReplayInput,
  chunk: Chunk,
  ready: Buffer | null,
): Promise<number | null> {
  const keyed = { workspaceId, key: chunk.key, bodyHash: await bodyHash([chunk.key]) }
  const claim = await deps.keys.claim(keyed, AbortSignal.timeout(CLAIM_TIMEOUT_MS))
  if (claim.kind === 'replayed') return claim.first.sequence
  try {
    const source = await liveSource(deps, workspaceId, dataSourceId)
    if (source.schemaVersion !== chunk.schemaVersion) return null
    const rows = ready ?? (await rowsAgain(deps, workspaceId, source, chunk))
    if (rows.length === 0) return null
    const frame: NewFrame = {
      ...{ workspaceId, dataSourceId, schemaVersion: chunk.schemaVersion, rows },
      ...{ requestId: deps.newRequestId(), arrivedAtMs: deps.now(), idempotencyHash: null },
      ...{ rowCount: linesIn(rows), refused: EMPTY, refusedCount: 0 },
    }
    return (await claim.append(frame)).sequence
  } finally {
    claim.release()
  }
}

/** The rows of a chunk that was cut off before it was appended; without those that expired meanwhile. */
async function rowsAgain(
  deps: ReplayDeps,
  workspaceId: string,
  source: DeployedDataSource,
  chunk: Chunk,
): Promise<Buffer> {
  const tables = await quarantineTables(deps.clickhouse, workspaceId, source)
  const rows = await readRows(deps.clickhouse, tables, chunk.ids)
  return (await healedRows(source, chunk.mapping, rows)).rows
}

async function healedRows(
  source: DeployedDataSource,
  mapping: HealMapping | null,
  rows: readonly QuarantinedRow[],
): Promise<{ readonly ids: string[]; readonly rows: Buffer }> {
  const healer = createLineHealer(source.file.columns, mapping ?? {})
  const ids: string[] = []
  const lines: string[] = []
  for await (const { row, healed } of healRows(rows, healer)) {
    if (healed.kind !== 'row') continue
    ids.push(row.id)
    lines.push(`${healed.json}\n`)
  }
  return { ids, rows: Buffer.from(lines.join('')) }
}

/** Waits until the rows can be read, within reason: they are safe in the log. Tells what a view made of them. */
async function loaded(
  deps: ReplayDeps,
  dataSourceId: string,
  sequence: number,
): Promise<string | null> {
  const signal = AbortSignal.timeout(LOADED_TIMEOUT_MS)
  try {
    const outcome = await deps.log.loaded(dataSourceId, sequence, signal)
    return outcome.kind === 'view_failed' ? outcome.message : null
  } catch (err) {
    if (err instanceof Fault && err.code === 'server.busy') return null
    throw err
  }
}

async function liveSource(
  { catalog }: ReplayDeps,
  workspaceId: string,
  dataSourceId: string,
): Promise<DeployedDataSource> {
  const { map } = await catalog.liveMap(workspaceId)
  const source = Object.values(map.dataSources).find(({ id }) => id === dataSourceId)
  if (source !== undefined) return source
  throw fault('resource.missing', {
    public: 'The Data Source of this quarantine is no more deployed.',
  })
}

function endOf({ last, ids, remaining }: Chunk): ReplayChunkEnd {
  return { cursor: last, recovered: ids.length, remaining }
}

function linesIn(rows: Buffer): number {
  let count = 0
  for (let at = rows.indexOf(10); at >= 0; at = rows.indexOf(10, at + 1)) count += 1
  return count
}
