// A catalog on a real Postgres for tests, and as many further openings of it as a test wants: each is like another process.
import { randomBytes, randomUUID } from 'node:crypto'

import { createCatalog, type Catalog, type CatalogOptions } from '@sandpiper/catalog'
import { createLogger } from '@sandpiper/telemetry'

import { startPostgres, type TestPostgres } from './start-postgres.ts'

/** An open catalog with what lies under it. */
export interface TestCatalog {
  readonly catalog: Catalog
  readonly postgres: TestPostgres
  /** Opens the same catalog once more; closed by stop(). */
  open(changes?: Partial<CatalogOptions>): Promise<Catalog>
  stop(): Promise<void>
}

/** Starts Postgres and opens a catalog on it with a random key and the real clock. */
export async function startCatalog(options: Partial<CatalogOptions> = {}): Promise<TestCatalog> {
  const postgres = await startPostgres()
  const opened: Catalog[] = []
  const secretKey = randomBytes(32)
  async function open(changes: Partial<CatalogOptions> = {}): Promise<Catalog> {
    const catalog = await createCatalog({
      connection: postgres.connection,
      secretKey,
      now: Date.now,
      newId: randomUUID,
      logger: createLogger({ service: 'test', level: 'silent' }),
      ...options,
      ...changes,
    })
    opened.push(catalog)
    return catalog
  }
  try {
    return {
      catalog: await open(),
      postgres,
      open,
      async stop() {
        await Promise.all(opened.map((catalog) => catalog.close()))
        await postgres.stop()
      },
    }
  } catch (err) {
    await postgres.stop()
    throw err
  }
}
