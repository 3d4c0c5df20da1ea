import { assert } from '@sandpiper/assert'
import { fault } from '@sandpiper/faults'

import type { Database, Queryable } from './database.ts'
import type { ReplayRecord, ReplayStore } from './replay-contract.ts'

interface ReplayRow {
  readonly id: string
  readonly data_source_id: string
  readonly up_to: string
  readonly cursor: unknown
  readonly chunk: unknown
  readonly chunks: number
  readonly recovered: string
  readonly remaining: string
}

const COLUMNS = 'id, data_source_id, up_to, cursor, chunk, chunks, recovered, remaining'

/** The part of the catalog that knows replays of quarantined rows. */
export function createReplayStore(database: Database): ReplayStore {
  /** The record after a change that another run of the replay may have made before. */
  const after = async (id: string): Promise<ReplayRecord> => {
    const [row] = await database.rows<ReplayRow>(
      `SELECT ${COLUMNS} FROM quarantine_replays WHERE id = $1`,
      [id],
    )
    assert(row !== undefined, 'no such replay')
    return toRecord(row)
  }
  return {
    openReplay: (input) =>
      database.transaction(async (tx) => {
        // Two jobs that open replays of one data source take turns; the lock goes with the transaction.
        await tx.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 7181))', [
          input.dataSourceId,
        ])
        const chunk = await takeOver(tx, input)
        const [row] = await tx.rows<ReplayRow>(
          `INSERT INTO quarantine_replays AS r (id, workspace_id, data_source_id, is_open, up_to, chunk)
           VALUES ($1, $2, $3, true, $4, $5)
           ON CONFLICT (id) DO UPDATE SET is_open = true, chunk = coalesce(r.chunk, excluded.chunk)
           RETURNING ${COLUMNS}`,
          [input.id, input.workspaceId, input.dataSourceId, input.upTo, asJson(chunk)],
        )
        assert(row !== undefined, 'no replay was opened')
        return toRecord(row)
      }),
    async beginReplayChunk({ id, chunks }, chunk) {
      // Not once another replay took over: it may have read the same rows.
      await database.rows(
        `UPDATE quarantine_replays SET chunk = $3, chunks = chunks + 1
         WHERE id = $1 AND chunks = $2 AND chunk IS NULL AND is_open`,
        [id, chunks, asJson(chunk)],
      )
      return after(id)
    },
    async endReplayChunk({ id, chunks }, { cursor, recovered, remaining }) {
      await database.rows(
        `UPDATE quarantine_replays
         SET chunk = NULL, cursor = $3, recovered = recovered + $4, remaining = remaining + $5
         WHERE id = $1 AND chunks = $2 AND chunk IS NOT NULL`,
        [id, chunks, asJson(cursor), recovered, remaining],
      )
      return after(id)
    },
    async closeReplay(id) {
      await database.rows('UPDATE quarantine_replays SET is_open = false WHERE id = $1', [id])
    },
  }
}

/** Closes the other open replay of the data source, if there is one, and gives what it was in the middle of. */
async function takeOver(
  tx: Queryable,
  { id, dataSourceId }: { readonly id: string; readonly dataSourceId: string },
): Promise<unknown> {
  const [other] = await tx.rows<{ id: string; chunk: unknown; status: string | null }>(
    `SELECT r.id, r.chunk, j.status FROM quarantine_replays r LEFT JOIN jobs j ON j.id = r.id
     WHERE r.data_source_id = $1 AND r.is_open AND r.id <> $2`,
    [dataSourceId, id],
  )
  if (other === undefined) return null
  if (other.status === 'waiting' || other.status === 'working') {
    throw fault('request.conflict', {
      public: `The quarantine of this Data Source is being replayed by job ${other.id}. Wait for its end, or cancel it.`,
    })
  }
  await tx.rows('UPDATE quarantine_replays SET is_open = false, chunk = NULL WHERE id = $1', [
    other.id,
  ])
  return other.chunk
}

function asJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value)
}

function toRecord(row: ReplayRow): ReplayRecord {
  return {
    id: row.id,
    dataSourceId: row.data_source_id,
    upTo: Number(row.up_to),
    cursor: row.cursor,
    chunk: row.chunk,
    chunks: row.chunks,
    recovered: Number(row.recovered),
    remaining: Number(row.remaining),
  }
}
