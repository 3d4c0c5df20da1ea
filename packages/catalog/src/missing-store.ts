// What failing views lack, and the repairs that were begun. All of it is written under the writer's ownership.
import type { Catalog } from './catalog-contract.ts'
import type { Database } from './database.ts'
import type { MissingBatch } from './records.ts'
import { toSafeNumber } from './safe-number.ts'
import { NotTheWriter } from './not-the-writer.ts'
import { beginSharedRepair } from './begin-shared.ts'
import { NO_PLACE, partitionOf, type WriterPlace } from './writer-place.ts'

interface MissingRow {
  readonly view: string
  readonly data_source_id: string
  readonly from_sequence: string
  readonly to_sequence: string
  readonly workspace_id: string
  readonly schema_version: number
  readonly details: unknown
  readonly message: string
  readonly created_at_ms: string
}

/** The part of the catalog about what failing views lack. */
export type MissingStore = Pick<
  Catalog,
  | 'missingViews'
  | 'missingBatches'
  | 'lowestMissing'
  | 'forgetMissing'
  | 'forgetOldMissing'
  | 'openRepairs'
  | 'beginRepair'
  | 'endRepair'
>

const FORGOTTEN_AT_ONCE = 10_000

/** Rows of the partition in $1, of all when it is null. */
const HERE = '($1::integer IS NULL OR log_partition = $1)'

/** @param place see createWriterStore. */
export function createMissingStore(
  database: Database,
  place: WriterPlace = { ...NO_PLACE },
): MissingStore {
  return {
    async missingViews() {
      const rows = await database.rows<{
        view: string
        data_source_id: string
        workspace_id: string
        batches: string
      }>(
        `SELECT view, data_source_id, workspace_id, count(*) AS batches FROM writer_missing
         WHERE ${HERE} GROUP BY view, data_source_id, workspace_id ORDER BY view, data_source_id`,
        [place.partition],
      )
      return rows.map((row) => ({
        view: row.view,
        dataSourceId: row.data_source_id,
        workspaceId: row.workspace_id,
        batches: toSafeNumber(row.batches),
      }))
    },
    async missingBatches({ view, dataSourceId }, limit, after = 0) {
      const rows = await database.rows<MissingRow>(
        `SELECT * FROM writer_missing WHERE view = $1 AND data_source_id = $2 AND from_sequence > $3
         ORDER BY from_sequence LIMIT $4`,
        [view, dataSourceId, after, limit],
      )
      return rows.map(missingOf)
    },
    async lowestMissing(sinceMs) {
      const [row] = await database.rows<{ lowest: string | null }>(
        `SELECT min(from_sequence) AS lowest FROM writer_missing WHERE ${HERE} AND created_at_ms > $2`,
        [place.partition, sinceMs],
      )
      return row?.lowest == null ? null : toSafeNumber(row.lowest)
    },
    async forgetMissing({ view, dataSourceId }, beforeMs) {
      const rows = await database.rows(
        `DELETE FROM writer_missing WHERE view = $1 AND data_source_id = $2 AND created_at_ms < $3 RETURNING 1`,
        [view, dataSourceId, beforeMs],
      )
      return rows.length
    },
    async forgetOldMissing(beforeMs) {
      const rows = await database.rows(
        `DELETE FROM writer_missing WHERE ctid = ANY (ARRAY(
           SELECT m.ctid FROM writer_missing m WHERE ${HERE} AND m.created_at_ms < $2 AND NOT EXISTS (
             SELECT FROM writer_repairs r WHERE r.view = m.view AND r.data_source_id = m.data_source_id
           ) ORDER BY m.created_at_ms LIMIT ${FORGOTTEN_AT_ONCE}
         )) RETURNING 1`,
        [place.partition, beforeMs],
      )
      return rows.length
    },
    async openRepairs() {
      const rows = await database.rows<{ view: string; data_source_id: string; state: unknown }>(
        `SELECT view, data_source_id, state FROM writer_repairs WHERE ${HERE}`,
        [place.partition],
      )
      return rows.map((row) => ({
        view: row.view,
        dataSourceId: row.data_source_id,
        state: row.state,
      }))
    },
    ...repairs(database, place),
  }
}

/** Where repairs are begun and ended. */
function repairs(
  database: Database,
  place: WriterPlace,
): Pick<Catalog, 'beginRepair' | 'endRepair'> {
  return {
    async beginRepair(repair) {
      if (place.turns !== undefined) return beginSharedRepair(database, place, repair)
      const { view, dataSourceId, state } = repair
      const stored = await database.rows(
        `WITH owned AS (
           SELECT 1 FROM writer_owner WHERE log_partition = $5 AND ($4::text IS NULL OR owner = $4) FOR SHARE
         )
         INSERT INTO writer_repairs (view, data_source_id, state, log_partition) SELECT $1, $2, $3::json, $5 FROM owned
         ON CONFLICT (view, data_source_id) DO UPDATE
         SET state = excluded.state, log_partition = excluded.log_partition RETURNING 1`,
        [view, dataSourceId, JSON.stringify(state), place.name, partitionOf(place)],
      )
      if (stored.length === 0) throw new NotTheWriter()
    },
    async endRepair({ view, dataSourceId, repaired, missing }) {
      const owned = await database.rows(
        `WITH owned AS (
           SELECT 1 FROM writer_owner WHERE log_partition = $5 AND ($4::text IS NULL OR owner = $4) FOR SHARE
         ), done AS (
           DELETE FROM writer_missing WHERE view = $1 AND data_source_id = $2 AND from_sequence = ANY ($3::bigint[])
             AND EXISTS (SELECT FROM owned)
         ), ended AS (
           DELETE FROM writer_repairs WHERE view = $1 AND data_source_id = $2 AND EXISTS (SELECT FROM owned)
         ), missed AS (${insertMissing(6, 'owned', 5)}) SELECT 1 FROM owned`,
        [view, dataSourceId, repaired, place.name, partitionOf(place), ...missingValues(missing)],
      )
      if (owned.length === 0) throw new NotTheWriter()
    },
  }
}

/** A statement that adds batches; its values are those of `missingValues`, the first of them `$first`, and the partition is `$partition`. */
export function insertMissing(first: number, owned: string, partition: number): string {
  const types = ['text', 'text', 'bigint', 'bigint', 'text', 'integer', 'text', 'text', 'bigint']
  const values = types.map((type, index) => `$${first + index}::${type}[]`).join(', ')
  return `INSERT INTO writer_missing (view, data_source_id, from_sequence, to_sequence, workspace_id, schema_version, details, message, created_at_ms, log_partition)
    SELECT u.view, u.id, u.from_sequence, u.to_sequence, u.workspace_id, u.version, u.details::json, u.message, u.at, $${partition}
    FROM unnest(${values}) AS u (view, id, from_sequence, to_sequence, workspace_id, version, details, message, at), ${owned}
    ON CONFLICT DO NOTHING`
}

export function missingValues(missing: readonly MissingBatch[]): unknown[][] {
  return [
    missing.map((each) => each.view),
    missing.map((each) => each.dataSourceId),
    missing.map((each) => each.fromSequence),
    missing.map((each) => each.toSequence),
    missing.map((each) => each.workspaceId),
    missing.map((each) => each.schemaVersion),
    missing.map((each) => JSON.stringify(each.details)),
    missing.map((each) => each.message),
    missing.map((each) => each.createdAtMs),
  ]
}

function missingOf(row: MissingRow): MissingBatch {
  return {
    view: row.view,
    dataSourceId: row.data_source_id,
    fromSequence: toSafeNumber(row.from_sequence),
    toSequence: toSafeNumber(row.to_sequence),
    workspaceId: row.workspace_id,
    schemaVersion: row.schema_version,
    details: row.details,
    message: row.message,
    createdAtMs: toSafeNumber(row.created_at_ms),
  }
}
