import type { Catalog } from './catalog-contract.ts'
import type { Database } from './database.ts'
import { eachInGroups, inGroups } from './in-groups.ts'
import { insertMissing, missingValues } from './missing-store.ts'
import { beginShared } from './begin-shared.ts'
import { confirmedNotes } from './confirmed-notes.ts'
import { NotTheWriter } from './not-the-writer.ts'
import type { BatchRecord, Confirmation } from './records.ts'
import { toSafeNumber } from './safe-number.ts'
import { NO_PLACE, partitionOf, type WriterPlace } from './writer-place.ts'

interface BatchRow {
  readonly data_source_id: string
  readonly from_sequence: string
  readonly to_sequence: string
  readonly state: unknown
}

/** Outcomes of late batches that are told again at a start. */
const MISSING_TOLD_MAX = 1_000

/**
 * The part of the catalog that remembers how far the writer has come. What several lanes begin or confirm at the same moment shares
 * one transaction. @param place see `becomeWriter`; without one nothing is checked, and every partition is told of.
 */
export function createWriterStore(
  database: Database,
  place: WriterPlace = { ...NO_PLACE },
): Pick<
  Catalog,
  'writerState' | 'beginBatch' | 'confirmBatch' | 'becomeWriter' | 'forgetOldProgress'
> {
  return {
    async forgetOldProgress() {
      await database.rows(
        `DELETE FROM writer_progress p USING writer_state s
         WHERE p.log_partition = s.log_partition AND p.loaded_up_to < s.read_from AND p.log_partition = $1`,
        [partitionOf(place)],
      )
    },
    async becomeWriter(name) {
      // Waits for what the former writer has begun to store: the state that is read after this call holds it.
      const own = await database.rows(
        'UPDATE writer_owner SET owner = $1 WHERE log_partition = $2 AND ($3::integer IS NULL OR member = $3) RETURNING 1',
        [name, partitionOf(place), place.member ?? null],
      )
      if (own.length === 0) throw new NotTheWriter()
      place.name = name
    },
    writerState: () => readState(database, place.partition),
    beginBatch:
      place.turns === undefined
        ? inGroups((records) => begin(database, place, records))
        : eachInGroups((records) => beginShared(database, place, records)),
    confirmBatch: inGroups((confirmations) => confirm(database, place, confirmations)),
  }
}

/** @param partition null: all of them, and the lowest place to read from. */
async function readState(
  database: Database,
  partition: number | null,
): ReturnType<Catalog['writerState']> {
  const here = '($1::integer IS NULL OR log_partition = $1)'
  return database.transaction(async (tx) => {
    await tx.rows('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const [state] = await tx.rows<{ read_from: string | null }>(
      `SELECT min(read_from) AS read_from FROM writer_state WHERE ${here}`,
      [partition],
    )
    const progress = await tx.rows<{ data_source_id: string; loaded_up_to: string }>(
      `SELECT data_source_id, loaded_up_to FROM writer_progress WHERE ${here}`,
      [partition],
    )
    const batches = await tx.rows<BatchRow>(
      `SELECT data_source_id, from_sequence, to_sequence, state FROM writer_batches WHERE ${here} ORDER BY from_sequence`,
      [partition],
    )
    const failures = await tx.rows<Omit<BatchRow, 'state'> & { message: string }>(
      `SELECT data_source_id, from_sequence, to_sequence, message FROM writer_missing WHERE ${here}
       ORDER BY created_at_ms DESC LIMIT ${MISSING_TOLD_MAX}`,
      [partition],
    )
    return {
      readFrom: toSafeNumber(state?.read_from ?? '1'),
      progress: progress.map((row) => ({
        dataSourceId: row.data_source_id,
        loadedUpTo: toSafeNumber(row.loaded_up_to),
      })),
      openBatches: batches.map((row) => ({ ...rangeOf(row), state: row.state })),
      viewFailures: failures
        .map((row) => ({ ...rangeOf(row), message: row.message }))
        .sort((one, other) => one.fromSequence - other.fromSequence),
    }
  })
}

async function begin(
  database: Database,
  place: WriterPlace,
  records: readonly BatchRecord[],
): Promise<void> {
  // The lock makes a writer that takes over wait for this record, and this record fail after it took over.
  const stored = await database.rows(
    `WITH owned AS (
       SELECT 1 FROM writer_owner WHERE log_partition = $6 AND ($5::text IS NULL OR owner = $5) FOR SHARE
     )
     INSERT INTO writer_batches (data_source_id, from_sequence, to_sequence, state, log_partition)
     SELECT u.*, $6 FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]::json[]) AS u, owned
     ON CONFLICT (data_source_id, from_sequence) DO UPDATE
     SET to_sequence = excluded.to_sequence, state = excluded.state, log_partition = excluded.log_partition
     RETURNING 1`,
    [
      records.map((record) => record.dataSourceId),
      records.map((record) => record.fromSequence),
      records.map((record) => record.toSequence),
      records.map((record) => JSON.stringify(record.state ?? null)),
      place.name,
      partitionOf(place),
    ],
  )
  if (stored.length < records.length) throw new NotTheWriter()
}

async function confirm(
  database: Database,
  place: WriterPlace,
  confirmations: readonly Confirmation[],
): Promise<void> {
  const missing = confirmations.flatMap((each) => each.missing ?? [])
  const notes = confirmedNotes(place, confirmations, 15)
  const owned = await database.rows(
    `WITH owned AS (
       SELECT 1 FROM writer_owner WHERE log_partition = $5 AND ($4::text IS NULL OR owner = $4) FOR SHARE
     ), confirmed AS (
       SELECT id, max(up_to) AS up_to FROM unnest($1::text[], $2::bigint[]) AS u (id, up_to), owned GROUP BY id
     ), progress AS (
       INSERT INTO writer_progress AS p (data_source_id, loaded_up_to, log_partition) SELECT id, up_to, $5 FROM confirmed
       ON CONFLICT (data_source_id, log_partition) DO UPDATE SET loaded_up_to = greatest(p.loaded_up_to, excluded.loaded_up_to)
     ), done AS (
       DELETE FROM writer_batches b USING confirmed c
       WHERE b.data_source_id = c.id AND b.log_partition = $5 AND b.to_sequence <= c.up_to
     ), missed AS (${insertMissing(6, 'owned', 5)}), state AS (
       -- Lanes confirm side by side: a late one must not move the start back.
       UPDATE writer_state SET read_from = $3 WHERE log_partition = $5 AND read_from < $3 AND EXISTS (SELECT FROM owned)
     ) ${notes.select}`,
    [
      confirmations.map((each) => each.dataSourceId),
      confirmations.map((each) => each.toSequence),
      // Each is true at its time, and of true ones the highest is the newest.
      Math.max(...confirmations.map((each) => each.readFrom)),
      place.name,
      partitionOf(place),
      ...missingValues(missing),
      ...notes.values,
    ],
  )
  if (owned.length === 0) throw new NotTheWriter()
}

function rangeOf(row: Omit<BatchRow, 'state'>): Omit<BatchRecord, 'state'> {
  return {
    dataSourceId: row.data_source_id,
    fromSequence: toSafeNumber(row.from_sequence),
    toSequence: toSafeNumber(row.to_sequence),
  }
}
