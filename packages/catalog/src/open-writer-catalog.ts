import type { Logger } from '@sandpiper/telemetry'

import type { Catalog } from './catalog-contract.ts'
import { openDatabase, type PostgresConnection } from './database.ts'
import { createMissingStore, type MissingStore } from './missing-store.ts'
import { createSchemaStore } from './schema-store.ts'
import { EMBEDDED_PARTITION } from './writer-place.ts'
import { createWriterStore } from './writer-store.ts'

/** The part of the catalog that the writer works with. */
export type WriterCatalog = MissingStore &
  Pick<
    Catalog,
    | 'schema'
    | 'writerState'
    | 'becomeWriter'
    | 'forgetOldProgress'
    | 'beginBatch'
    | 'confirmBatch'
    | 'close'
  >

/**
 * Opens what the writer needs of the catalog, without the secret key: it never sees a token. Connects by its first use and migrates
 * nothing; the process that starts the writer has done so.
 */
export function openWriterCatalog(options: {
  readonly connection: PostgresConnection
  readonly logger: Logger
}): WriterCatalog {
  const database = openDatabase(options)
  const { schema } = createSchemaStore(database)
  const place = { name: null, partition: EMBEDDED_PARTITION }
  return {
    schema,
    ...createWriterStore(database, place),
    ...createMissingStore(database, place),
    close: () => database.close(),
  }
}
