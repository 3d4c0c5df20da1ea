import { assert } from '@sandpiper/assert'
import type { DeployedDataSource } from '@sandpiper/deployment'
import { compileSchema, type RowDecoder } from '@sandpiper/rows'
import type { IngestDeps } from './ingest-deps.ts'

/** Compiled schemas kept; the one used longest ago goes first. */
const DECODERS_MAX = 1_000

/** Decoders by data source and schema version. A version never changes, so neither does its decoder. */
export interface Decoders {
  of(dataSource: DeployedDataSource): Promise<RowDecoder>
}

export function createDecoders(catalog: Pick<IngestDeps['catalog'], 'schema'>): Decoders {
  const kept = new Map<string, RowDecoder>()
  return {
    async of({ id, schemaVersion }) {
      const key = `${id}:${schemaVersion}`
      let decoder = kept.get(key)
      if (decoder === undefined) {
        const schema = await catalog.schema(id, schemaVersion)
        assert(schema !== null, `schema ${key} is deployed but not stored`)
        decoder = compileSchema(schema.columns)
      }
      kept.delete(key)
      kept.set(key, decoder)
      const oldest = kept.keys().next().value
      if (kept.size > DECODERS_MAX && oldest !== undefined) kept.delete(oldest)
      return decoder
    },
  }
}
