import type { DeployedDataSource } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { compileSchema, type RowDecoder } from '@sandpiper/rows'
import type { IngestDeps } from './ingest-deps.ts'

/** Compiled schemas kept; the one used longest ago goes first. */
const DECODERS_MAX = 1_000

/** Decoders by data source and schema version. A version never changes, so neither does its decoder. */
export interface Decoders {
  /** @throws fault `server.busy` (503) while the deployment is being made. */
  of(dataSource: DeployedDataSource): Promise<RowDecoder>
}

export function createDecoders(catalog: Pick<IngestDeps['catalog'], 'schema'>): Decoders {
  const kept = new Map<string, RowDecoder>()
  let newest = ''
  return {
    async of({ id, schemaVersion }) {
      const key = `${id}:${schemaVersion}`
      let decoder = kept.get(key)
      if (decoder === undefined) {
        const schema = await catalog.schema(id, schemaVersion)
        if (schema === null) {
          // Only a deployment that is still being made has columns that are not stored yet.
          throw fault('server.busy', {
            public: 'The deployment is not ready for events yet. Try again.',
            headers: { 'Retry-After': '1' },
          })
        }
        decoder = compileSchema(schema.columns)
      }
      if (key === newest) return decoder
      newest = key
      kept.delete(key)
      kept.set(key, decoder)
      const oldest = kept.keys().next().value
      if (kept.size > DECODERS_MAX && oldest !== undefined) kept.delete(oldest)
      return decoder
    },
  }
}
