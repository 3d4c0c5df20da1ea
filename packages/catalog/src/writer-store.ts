import type { Catalog } from './catalog-contract.ts'
import type { Database } from './database.ts'
import { inGroups } from './in-groups.ts'
import { insertMissing, missingValues } from './missing-store.ts'
import { NotTheWriter } from './not-the-writer.ts'
import type { BatchRecord, Confirmation } from './records.ts'
import { toSafeNumber } from './safe-number.ts'

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
 * one transaction. @param owner see `becomeWriter`; without one nothing is checked, for tools and tests.
 */
export function createWriterStore(
  database: Database,
  owner: { name: string | null } = { name: null },
): Pick<
  Catalog,
  'writerState' | 'beginBatch' | 'confirmBatch' | 'becomeWriter' | 'forgetOldProgress'
> {
  return {
    async forgetOldProgress() {
      await database.rows(
        'DELETE FROM writer_progress WHERE loaded_up_to < (SELECT read_from FROM writer_state)',
      )
    },
    async becomeWriter(name) {
      // Waits for what the former writer has begun to store: the state that is read after this call holds it.
      await database.rows('UPDATE writer_owner SET owner = $1', [name])
      owner.name = name
    },
    writerState: () => readState(database),
    beginBatch: inGroups((records) => begin(database, owner.name, records)),
    confirmBatch: inGroups((confirmations) => confirm(database, owner.name, confirmations)),
  }
}

async function readState(database: Database): ReturnType<Catalog['writerState']> {
  return database.transaction(async (tx) => {
    await tx.rows('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const [state] = await tx.rows<{ read_from: string }>('SELECT read_from FROM writer_state')
    const progress = await tx.rows<{ data_source_id: string; loaded_up_to: string }>(
      'SELECT data_source_id, loaded_up_to FROM writer_progress',
    )
    const batches = await tx.rows<BatchRow>(
      'SELECT data_source_id, from_sequence, to_sequence, state FROM writer_batches ORDER BY from_sequence',
    )
    const failures = await tx.rows<Omit<BatchRow, 'state'> & { message: string }>(
      `SELECT data_source_id, from_sequence, to_sequence, message FROM writer_missing
       ORDER BY created_at_ms DESC LIMIT ${MISSING_TOLD_MAX}`,
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
  owner: string | null,
  records: readonly BatchRecord[],
): Promise<void> {
  // The lock makes a writer that takes over wait for this record, and this record fail after it took over.
  const stored = await database.rows(
    `WITH owned AS (SELECT 1 FROM writer_owner WHERE $5::text IS NULL OR owner = $5 FOR SHARE)
     INSERT INTO writer_batches (data_source_id, from_sequence, to_sequence, state)
     SELECT u.* FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]::json[]) AS u, owned
     ON CONFLICT (data_source_id, from_sequence) DO UPDATE SET to_sequence = excluded.to_sequence, state = excluded.state
     RETURNING 1`,
    [
      records.map((record) => record.dataSourceId),
      records.map((record) => record.fromSequence),
      records.map((record) => record.toSequence),
      records.map((record) => JSON.stringify(record.state ?? null)),
      owner,
    ],
  )
  if (stored.length < records.length) throw new NotTheWriter()
}

async function confirm(
  database: Database,
  owner: string | null,
  confirmations: readonly Confirmation[],
): Promise<void> {
  const missing = confirmations.flatMap((each) => each.missing ?? [])
  const owned = await database.rows(
    `WITH owned AS (SELECT 1 FROM writer_owner WHERE $4::text IS NULL OR owner = $4 FOR SHARE),
     confirmed AS (
       SELECT id, max(up_to) AS up_to FROM unnest($1::text[], $2::bigint[]) AS u (id, up_to), owned GROUP BY id
     ), progress AS (
       INSERT INTO writer_progress AS p (data_source_id, loaded_up_to) SELECT id, up_to FROM confirmed
       ON CONFLICT (data_source_id) DO UPDATE SET loaded_up_to = greatest(p.loaded_up_to, excluded.loaded_up_to)
     ), done AS (
       DELETE FROM writer_batches b USING confirmed c WHERE b.data_source_id = c.id AND b.to_sequence <= c.up_to
     ), missed AS (${insertMissing(5, 'owned')}), state AS (
       -- Lanes confirm side by side: a late one must not move the start back.
       UPDATE writer_state SET read_from = $3 WHERE read_from < $3 AND EXISTS (SELECT FROM owned)
     ) SELECT 1 FROM owned`,
    [
      confirmations.map((each) => each.dataSourceId),
      confirmations.map((each) => each.toSequence),
      // Each is true at its time, and of true ones the highest is the newest.
      Math.max(...confirmations.map((each) => each.readFrom)),
      owner,
      ...missingValues(missing),
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
