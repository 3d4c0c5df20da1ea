import { assert } from '@sandpiper/assert'
import type { Column } from '@sandpiper/datafile'
import { LRUCache } from 'lru-cache'

import type { Catalog } from './catalog-contract.ts'
import type { Database, Queryable } from './database.ts'
import type { SchemaVersion } from './records.ts'

interface SchemaRow {
  readonly data_source_id: string
  readonly version: number
  readonly workspace_id: string
  readonly generation: number
  readonly columns: readonly Column[]
}

const SCHEMAS_CACHED_MAX = 10_000

const SELECT_SCHEMA = `SELECT data_source_id, version, workspace_id, generation, columns
  FROM data_source_schemas WHERE data_source_id = $1 AND version = $2`

/** The part of the catalog that knows which columns a frame of the log was validated against. */
export function createSchemaStore(
  database: Database,
): Pick<Catalog, 'putSchemas' | 'schema' | 'latestSchemaVersion'> {
  const cache = new LRUCache<string, SchemaVersion>({ max: SCHEMAS_CACHED_MAX })
  return {
    putSchemas: (schemas) => database.transaction((tx) => insertSchemas(tx, schemas)),
    async schema(dataSourceId, version) {
      const key = `${dataSourceId}/${version}`
      const known = cache.get(key)
      if (known !== undefined) return known
      const [row] = await database.rows<SchemaRow>(SELECT_SCHEMA, [dataSourceId, version])
      // What is not there yet may come: only what was found is kept.
      if (row === undefined) return null
      const schema = toSchema(row)
      cache.set(key, schema)
      return schema
    },
    async latestSchemaVersion(dataSourceId) {
      const [row] = await database.rows<{ version: number | null }>(
        'SELECT max(version) AS version FROM data_source_schemas WHERE data_source_id = $1',
        [dataSourceId],
      )
      return row?.version ?? 0
    },
  }
}

/** Inserts what is not there. @throws AssertionError when a version is there with other columns: frames may carry it already. */
export async function insertSchemas(
  tx: Queryable,
  schemas: readonly SchemaVersion[],
): Promise<void> {
  for (const schema of schemas) {
    const { dataSourceId, version, workspaceId, generation } = schema
    const columns = JSON.stringify(schema.columns)
    const inserted = await tx.rows(
      `INSERT INTO data_source_schemas (data_source_id, version, workspace_id, generation, columns)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING version`,
      [dataSourceId, version, workspaceId, generation, columns],
    )
    if (inserted.length > 0) continue
    const [row] = await tx.rows<SchemaRow>(SELECT_SCHEMA, [dataSourceId, version])
    const isSame = row?.generation === generation && JSON.stringify(row.columns) === columns
    assert(
      isSame,
      `schema version ${version} of ${dataSourceId} was written before, with other columns`,
    )
  }
}

function toSchema(row: SchemaRow): SchemaVersion {
  return {
    dataSourceId: row.data_source_id,
    version: row.version,
    workspaceId: row.workspace_id,
    generation: row.generation,
    columns: row.columns,
  }
}
