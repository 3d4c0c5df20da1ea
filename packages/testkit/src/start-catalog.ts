// A catalog on a real Postgres for tests, and as many further openings of it as a test wants: each is like another process.
import { randomBytes, randomUUID } from 'node:crypto'

import { createLogger, type Logger } from '@sandpiper/telemetry'

import { startPostgres, type TestPostgres } from './start-postgres.ts'

/** What every catalog is opened with; given by this file unless a test gives another. */
interface CatalogNeeds {
  readonly connection: TestPostgres['connection']
  readonly secretKey: Buffer
  readonly now: () => number
  readonly newId: () => string
  readonly logger: Logger
}

interface Closable {
  close(): Promise<void>
}

/** An open catalog with what lies under it. */
export interface TestCatalog<Catalog extends Closable, Options> {
  readonly catalog: Catalog
  readonly postgres: TestPostgres
  /** Opens the same catalog once more; closed by stop(). */
  open(changes?: Partial<Options>): Promise<Catalog>
  stop(): Promise<void>
}

/**
 * Starts Postgres and opens a catalog on it with a random key and the real clock.
 * @param createCatalog the catalog's own: were it imported here, the catalog's tests would need themselves.
 */
export async function startCatalog<Catalog extends Closable, Options>(
  createCatalog: (options: Options & CatalogNeeds) => Promise<Catalog>,
  options: Partial<Options> = {},
): Promise<TestCatalog<Catalog, Options>> {
  const postgres = await startPostgres()
  const opened: Catalog[] = []
  const needs: CatalogNeeds = {
    connection: postgres.connection,
    secretKey: randomBytes(32),
    now: Date.now,
    newId: randomUUID,
    logger: createLogger({ service: 'test', level: 'silent' }),
  }
  async function open(changes: Partial<Options> = {}): Promise<Catalog> {
    const catalog = await createCatalog({ ...needs, ...options, ...changes } as Options &
      CatalogNeeds)
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
