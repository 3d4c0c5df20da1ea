// The catalog of this package on a real Postgres, for its tests.
import * as testkit from '@sandpiper/testkit'

import type { Catalog } from './catalog-contract.ts'
import { createCatalog, type CatalogOptions } from './create-catalog.ts'

export type TestCatalog = testkit.TestCatalog<Catalog, CatalogOptions>

export async function startCatalog(options: Partial<CatalogOptions> = {}): Promise<TestCatalog> {
  return testkit.startCatalog(createCatalog, options)
}
