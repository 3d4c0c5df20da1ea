import { assert } from '@sandpiper/assert'

import type { Catalog } from './catalog-contract.ts'
import type { Database } from './database.ts'

interface BatchRow {
  readonly data_source_id: string
  readonly from_sequence: string
  readonly to_sequence: string
  readonly state: unknown
}

/** The part of the catalog that remembers how far the writer has come. */
export function createWriterStore(
  database: Database,
): Pick<Catalog, 'writerState' | 'beginBatch' | 'confirmBatch'> {
  return {
    writerState: () =>
      database.transaction(async (tx) => {
        await tx.rows('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
        const [state] = await tx.rows<{ read_from: string }>('SELECT read_from FROM writer_state')
        const progress = await tx.rows<{ data_source_id: string; loaded_up_to: string }>(
          'SELECT data_source_id, loaded_up_to FROM writer_progress',
        )
        const batches = await tx.rows<BatchRow>(
          'SELECT data_source_id, from_sequence, to_sequence, state FROM writer_batches ORDER BY from_sequence',
        )
        return {
          readFrom: toSafeNumber(state?.read_from ?? '1'),
          progress: progress.map((row) => ({
            dataSourceId: row.data_source_id,
            loadedUpTo: toSafeNumber(row.loaded_up_to),
          })),
          openBatches: batches.map((row) => ({
            dataSourceId: row.data_source_id,
            fromSequence: toSafeNumber(row.from_sequence),
            toSequence: toSafeNumber(row.to_sequence),
            state: row.state,
          })),
        }
      }),
    async beginBatch(record) {
      await database.rows(
        `INSERT INTO writer_batches (data_source_id, from_sequence, to_sequence, state) VALUES ($1, $2, $3, $4)
         ON CONFLICT (data_source_id, from_sequence) DO UPDATE SET to_sequence = excluded.to_sequence, state = excluded.state`,
        [
          record.dataSourceId,
          record.fromSequence,
          record.toSequence,
          JSON.stringify(record.state ?? null),
        ],
      )
    },
    confirmBatch: ({ dataSourceId, toSequence, readFrom }) =>
      database.transaction(async (tx) => {
        await tx.rows(
          `INSERT INTO writer_progress AS p (data_source_id, loaded_up_to) VALUES ($1, $2)
           ON CONFLICT (data_source_id) DO UPDATE SET loaded_up_to = greatest(p.loaded_up_to, excluded.loaded_up_to)`,
          [dataSourceId, toSequence],
        )
        await tx.rows(
          'DELETE FROM writer_batches WHERE data_source_id = $1 AND to_sequence <= $2',
          [dataSourceId, toSequence],
        )
        // Lanes confirm side by side: a late one must not move the start back.
        await tx.rows('UPDATE writer_state SET read_from = $1 WHERE read_from < $1', [readFrom])
      }),
  }
}

/** bigint comes as text; a sequence beyond 2^53 would silently become its neighbour. */
function toSafeNumber(text: string): number {
  const number = Number(text)
  assert(Number.isSafeInteger(number), `not a safe integer: ${text}`)
  return number
}
