// How a batch or a repair is begun where other processes may change tables: in the transaction that stores the record, under a lock on
// the turns of its workspace. Whoever holds a turn waits until no record is in flight, so neither side has to hear the other in time.
import type { Database, Queryable } from './database.ts'
import { NotTheWriter } from './not-the-writer.ts'
import type { BatchRecord, MissingKey } from './records.ts'
import { TurnHeld } from './turn-held.ts'
import { partitionOf, type WriterPlace } from './writer-place.ts'

/** Stores the records that may begin; for each of the others tells TurnHeld. @throws NotTheWriter and stores none. */
export async function beginShared(
  database: Database,
  place: WriterPlace,
  records: readonly BatchRecord[],
): Promise<readonly (Error | null)[]> {
  const answers = await database.transaction(async (tx) => {
    await provideTurns(tx, records)
    await proveOwner(tx, place)
    const closed = await closedWorkspaces(tx, place, records)
    const running = closed.size === 0 ? new Set<string>() : await runningOf(tx, records)
    const judged = records.map((record) => {
      const { inFlightOf } = record
      if (inFlightOf == null || !closed.has(inFlightOf) || running.has(keyOf(record))) return null
      return new TurnHeld(inFlightOf)
    })
    await store(
      tx,
      place,
      records.filter((_, index) => judged[index] === null),
    )
    return judged
  })
  for (const held of answers) if (held !== null) place.turns?.refused(held.workspaceId)
  return answers
}

/** The same for one repair. @throws TurnHeld | NotTheWriter. */
export async function beginSharedRepair(
  database: Database,
  place: WriterPlace,
  repair: MissingKey & { state: unknown; inFlightOf?: string | null },
): Promise<void> {
  const { view, dataSourceId, inFlightOf = null } = repair
  const isHeld = await database.transaction(async (tx) => {
    await provideTurns(tx, [repair])
    await proveOwner(tx, place)
    const closed = await closedWorkspaces(tx, place, [repair])
    const running = await tx.rows(
      'SELECT 1 FROM writer_repairs WHERE view = $1 AND data_source_id = $2 AND in_flight_of IS NOT NULL',
      [view, dataSourceId],
    )
    if (inFlightOf !== null && closed.has(inFlightOf) && running.length === 0) return true
    await tx.rows(
      `INSERT INTO writer_repairs (view, data_source_id, state, log_partition, in_flight_of) VALUES ($1, $2, $3::json, $4, $5)
       ON CONFLICT (view, data_source_id) DO UPDATE
       SET state = excluded.state, log_partition = excluded.log_partition, in_flight_of = excluded.in_flight_of`,
      [view, dataSourceId, JSON.stringify(repair.state), partitionOf(place), inFlightOf],
    )
    return false
  })
  if (!isHeld || inFlightOf === null) return
  place.turns?.refused(inFlightOf)
  throw new TurnHeld(inFlightOf)
}

type About = Pick<BatchRecord, 'inFlightOf'>

function workspacesOf(records: readonly About[]): string[] {
  return [...new Set(records.flatMap(({ inFlightOf }) => inFlightOf ?? []))].sort()
}

/** A workspace whose tables nobody has changed yet has no row, and what has no row cannot be locked. */
async function provideTurns(tx: Queryable, records: readonly About[]): Promise<void> {
  await tx.rows(
    `INSERT INTO workspace_turns (workspace_id) SELECT id FROM unnest($1::text[]) AS id
     WHERE NOT EXISTS (SELECT FROM workspace_turns t WHERE t.workspace_id = id) ORDER BY id ON CONFLICT DO NOTHING`,
    [workspacesOf(records)],
  )
}

/** The lock makes a writer that takes over wait for this record, and this record fail after it took over. */
async function proveOwner(tx: Queryable, place: WriterPlace): Promise<void> {
  const owned = await tx.rows(
    'SELECT 1 FROM writer_owner WHERE log_partition = $1 AND owner = $2 FOR SHARE',
    [partitionOf(place), place.name],
  )
  if (owned.length === 0) throw new NotTheWriter()
}

/** Workspaces whose tables are being changed, or were since the writer looked at them. Their turns stay as they are until the commit. */
async function closedWorkspaces(
  tx: Queryable,
  place: WriterPlace,
  records: readonly About[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.rows<{ workspace_id: string; turns: string; is_held: boolean }>(
    `SELECT workspace_id, turns, held_until IS NOT NULL AND held_until > clock_timestamp() AS is_held
     FROM workspace_turns WHERE workspace_id = ANY ($1::text[]) ORDER BY workspace_id FOR SHARE`,
    [workspacesOf(records)],
  )
  const closed = rows.filter(
    (row) => row.is_held || Number(row.turns) !== place.turns?.known(row.workspace_id),
  )
  return new Set(closed.map((row) => row.workspace_id))
}

/** Records that are in flight already: whoever holds the turn waits for them, so they may go on. */
async function runningOf(
  tx: Queryable,
  records: readonly BatchRecord[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.rows<{ data_source_id: string; from_sequence: string }>(
    `SELECT b.data_source_id, b.from_sequence FROM writer_batches b
     JOIN unnest($1::text[], $2::bigint[]) AS u (id, start) ON b.data_source_id = u.id AND b.from_sequence = u.start
     WHERE b.in_flight_of IS NOT NULL`,
    [records.map((each) => each.dataSourceId), records.map((each) => each.fromSequence)],
  )
  return new Set(rows.map((row) => `${row.data_source_id} ${row.from_sequence}`))
}

function keyOf({ dataSourceId, fromSequence }: BatchRecord): string {
  return `${dataSourceId} ${fromSequence}`
}

async function store(
  tx: Queryable,
  place: WriterPlace,
  records: readonly BatchRecord[],
): Promise<void> {
  if (records.length === 0) return
  await tx.rows(
    `INSERT INTO writer_batches (data_source_id, from_sequence, to_sequence, state, in_flight_of, log_partition)
     SELECT u.*, $6 FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]::json[], $5::text[]) AS u
     ON CONFLICT (data_source_id, from_sequence) DO UPDATE
     SET to_sequence = excluded.to_sequence, state = excluded.state, log_partition = excluded.log_partition,
         in_flight_of = excluded.in_flight_of`,
    [
      records.map((record) => record.dataSourceId),
      records.map((record) => record.fromSequence),
      records.map((record) => record.toSequence),
      records.map((record) => JSON.stringify(record.state ?? null)),
      records.map((record) => record.inFlightOf ?? null),
      partitionOf(place),
    ],
  )
}
