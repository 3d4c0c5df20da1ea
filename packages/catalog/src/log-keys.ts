// Idempotency keys of a log that processes share. The first frame of a key in its partition counts; the writer, who meets the frames in
// order, notes it, and whoever takes requests may ask.
import type { Database } from './database.ts'

/** A frame with a key, as the writer meets it. Hashes are 32 hexadecimal digits. */
export interface KeyedFrame {
  /** 32 hexadecimal digits that stand for the workspace. */
  readonly workspace: string
  readonly keyHash: string
  readonly bodyHash: string
  readonly sequence: number
  readonly dataSourceId: string
  readonly rowCount: number
  readonly refusedCount: number
  readonly arrivedAtMs: number
}

/** The keys of a shared log. */
export interface LogKeys {
  /**
   * Notes the frames' keys; tells the sequences of those whose key an earlier frame had. The same frames may be noted again.
   * @param forgetMs a key is free again so long after the arrival of its frame.
   */
  note(
    partition: number,
    frames: readonly KeyedFrame[],
    forgetMs: number,
  ): Promise<ReadonlySet<number>>
  /** The frame of a key, or null. */
  find(workspace: string, keyHash: string): Promise<KeyedFrame | null>
  /** Forgets keys of frames that arrived before; at most 10,000 at once. */
  forget(beforeMs: number): Promise<void>
}

interface KeyRow {
  readonly workspace_id: string
  readonly key_hash: string
  readonly body_hash: string
  readonly sequence: string
  readonly data_source_id: string
  readonly row_count: number
  readonly refused_count: number
  readonly arrived_at_ms: string
}

const COLUMNS = `workspace_id, encode(key_hash, 'hex') AS key_hash, encode(body_hash, 'hex') AS body_hash, sequence, data_source_id,
  row_count, refused_count, arrived_at_ms`

export function createLogKeys(database: Database): LogKeys {
  return {
    async note(partition, frames, forgetMs) {
      if (frames.length === 0) return new Set()
      const of = <Value>(value: (frame: KeyedFrame) => Value): Value[] => frames.map(value)
      await database.rows(
        `INSERT INTO log_keys AS k (workspace_id, key_hash, body_hash, log_partition, sequence, data_source_id, row_count, refused_count, arrived_at_ms)
         SELECT DISTINCT ON (w, key) w, decode(key, 'hex'), decode(body, 'hex'), $9, s, d, r, q, at
         FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::integer[], $7::integer[], $8::bigint[])
           AS u (w, key, body, s, d, r, q, at) ORDER BY w, key, s
         ON CONFLICT (workspace_id, key_hash) DO UPDATE
         SET body_hash = excluded.body_hash, log_partition = excluded.log_partition, sequence = excluded.sequence,
             data_source_id = excluded.data_source_id, row_count = excluded.row_count,
             refused_count = excluded.refused_count, arrived_at_ms = excluded.arrived_at_ms
         WHERE k.arrived_at_ms < excluded.arrived_at_ms - $10`,
        [
          of((frame) => frame.workspace),
          of((frame) => frame.keyHash),
          of((frame) => frame.bodyHash),
          of((frame) => frame.sequence),
          of((frame) => frame.dataSourceId),
          of((frame) => frame.rowCount),
          of((frame) => frame.refusedCount),
          of((frame) => frame.arrivedAtMs),
          partition,
          forgetMs,
        ],
      )
      const rows = await database.rows<{ sequence: string }>(
        `SELECT s AS sequence FROM unnest($1::text[], $2::text[], $3::bigint[]) AS u (w, key, s)
         JOIN log_keys k ON k.workspace_id = w AND k.key_hash = decode(key, 'hex') WHERE k.sequence <> s`,
        [
          of((frame) => frame.workspace),
          of((frame) => frame.keyHash),
          of((frame) => frame.sequence),
        ],
      )
      return new Set(rows.map((row) => Number(row.sequence)))
    },
    async find(workspace, keyHash) {
      const [row] = await database.rows<KeyRow>(
        `SELECT ${COLUMNS} FROM log_keys WHERE workspace_id = $1 AND key_hash = decode($2, 'hex')`,
        [workspace, keyHash],
      )
      return row === undefined ? null : frameOf(row)
    },
    async forget(beforeMs) {
      await database.rows(
        `DELETE FROM log_keys WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM log_keys WHERE arrived_at_ms < $1 ORDER BY arrived_at_ms LIMIT 10000))`,
        [beforeMs],
      )
    },
  }
}

function frameOf(row: KeyRow): KeyedFrame {
  return {
    workspace: row.workspace_id,
    keyHash: row.key_hash,
    bodyHash: row.body_hash,
    sequence: Number(row.sequence),
    dataSourceId: row.data_source_id,
    rowCount: row.row_count,
    refusedCount: row.refused_count,
    arrivedAtMs: Number(row.arrived_at_ms),
  }
}
