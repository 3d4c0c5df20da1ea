// The catalog of this package on a real Postgres, for its tests.
import { createLogger } from '@sandpiper/telemetry'
import * as testkit from '@sandpiper/testkit'

import type { Catalog } from './catalog-contract.ts'
import { createCatalog, type CatalogOptions } from './create-catalog.ts'
import { openDatabase, type Database } from './database.ts'

export type TestCatalog = testkit.TestCatalog<Catalog, CatalogOptions>

export async function startCatalog(options: Partial<CatalogOptions> = {}): Promise<TestCatalog> {
  return testkit.startCatalog(createCatalog, options)
}

/** One connection of its own, for what the catalog does not tell. */
export function openBeside({ postgres }: Pick<TestCatalog, 'postgres'>): Database {
  return openDatabase({
    connection: postgres.connection,
    logger: createLogger({ service: 'test', level: 'silent' }),
    connectionsMax: 1,
  })
}
