import { randomBytes, randomUUID } from 'node:crypto'
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createLogger } from '@sandpiper/telemetry'
import { startPostgres, type TestPostgres } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Catalog } from './catalog-contract.ts'
import { createCatalog, type CatalogOptions } from './create-catalog.ts'
import { openDatabase, type Database, type PostgresConnection } from './database.ts'
import { findSqlDir, MigrationError } from './migrate.ts'
import { SecretKeyError } from './secret-key.ts'

let postgres: TestPostgres
let admin: Database
let folder: string
const logger = createLogger({ service: 'test', level: 'silent' })
const secretKey = randomBytes(32)

beforeAll(async () => {
  postgres = await startPostgres()
  admin = openDatabase({ connection: postgres.connection, logger, connectionsMax: 1 })
  folder = await mkdtemp(join(tmpdir(), 'sp-sql-'))
})

afterAll(async () => {
  await admin.close()
  await postgres.stop()
  await rm(folder, { recursive: true })
})

async function newDatabase(): Promise<PostgresConnection> {
  const name = `db_${randomUUID().replaceAll('-', '')}`
  await admin.rows(`CREATE DATABASE ${name}`)
  return { ...postgres.connection, database: name }
}

function open(
  connection: PostgresConnection,
  changes: Partial<CatalogOptions> = {},
): Promise<Catalog> {
  return createCatalog({
    connection,
    secretKey,
    now: Date.now,
    newId: randomUUID,
    logger,
    ...changes,
  })
}

async function inside<Row>(connection: PostgresConnection, sql: string): Promise<Row[]> {
  const database = openDatabase({ connection, logger, connectionsMax: 1 })
  try {
    return await database.rows<Row>(sql)
  } finally {
    await database.close()
  }
}

async function copyOfMigrations(): Promise<string> {
  const copy = await mkdtemp(join(folder, 'm-'))
  await cp(findSqlDir(), copy, { recursive: true })
  return copy
}

describe('migrations', () => {
  test('are applied once by many processes that start at the same time', async () => {
    const connection = await newDatabase()
    const catalogs = await Promise.all(
      Array.from({ length: 6 }, () => open(connection, { connectionsMax: 1 })),
    )
    await Promise.all(catalogs.map((each) => each.close()))
    const rows = await inside<{ file: string }>(
      connection,
      'SELECT file FROM schema_migrations ORDER BY version',
    )
    expect(rows.map((row) => row.file)).toEqual((await readdir(findSqlDir())).sort())
  })

  test('leave what is there alone at the next start', async () => {
    const connection = await newDatabase()
    const first = await open(connection)
    const { workspace } = await first.createWorkspace({ name: 'kept' })
    await first.close()
    const second = await open(connection)
    expect(await second.listWorkspaces()).toEqual([workspace])
    await second.close()
  })

  test('a new one is applied to a catalog that has the others', async () => {
    const connection = await newDatabase()
    await (await open(connection)).close()
    const sqlDir = await copyOfMigrations()
    const next = (await readdir(sqlDir)).length + 1
    await writeFile(
      join(sqlDir, `${String(next).padStart(4, '0')}_more.sql`),
      'CREATE TABLE more (a integer);',
    )
    await (await open(connection, { sqlDir })).close()
    expect(await inside(connection, 'SELECT * FROM more')).toEqual([])
    // The older program must not write what the newer one may read otherwise.
    await expect(open(connection)).rejects.toThrow(MigrationError)
  })

  test('one that fails leaves nothing behind, not even those before it', async () => {
    const connection = await newDatabase()
    const sqlDir = await copyOfMigrations()
    const next = (await readdir(sqlDir)).length + 1
    await writeFile(
      join(sqlDir, `${String(next).padStart(4, '0')}_broken.sql`),
      'CREATE TABLE half (a integer); SELECT no_such();',
    )
    await expect(open(connection, { sqlDir })).rejects.toThrow(/no_such/)
    const tables = await inside(
      connection,
      `SELECT 1 FROM information_schema.tables WHERE table_schema = 'public'`,
    )
    expect(tables).toEqual([])
  })

  test('one that was changed after it was applied is refused by name', async () => {
    const connection = await newDatabase()
    await (await open(connection)).close()
    const sqlDir = await copyOfMigrations()
    await writeFile(join(sqlDir, '0001_workspaces.sql'), '-- edited')
    await expect(open(connection, { sqlDir })).rejects.toThrow(
      /0001_workspaces\.sql is not the file/,
    )
  })

  test.each(['0009_gap.sql', 'no_number.sql'])('a folder with %s is refused', async (file) => {
    const sqlDir = await copyOfMigrations()
    await writeFile(join(sqlDir, file), 'SELECT 1')
    await expect(open(await newDatabase(), { sqlDir })).rejects.toThrow(MigrationError)
  })

  test('every table says what it holds', async () => {
    const connection = await newDatabase()
    await (await open(connection)).close()
    const silent = await inside<{ name: string }>(
      connection,
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'public' AND c.relkind = 'r' AND obj_description(c.oid) IS NULL AND c.relname <> 'schema_migrations'`,
    )
    expect(silent).toEqual([])
  })
})

describe('the secret key', () => {
  test('another one is refused with a clear line, and the catalog stays as it is', async () => {
    const connection = await newDatabase()
    const first = await open(connection)
    const { adminToken } = await first.createWorkspace({ name: 'a' })
    await first.close()
    const refused = open(connection, { secretKey: randomBytes(32) })
    await expect(refused).rejects.toThrow(SecretKeyError)
    await expect(refused).rejects.toThrow(/not the one this catalog was made with/)
    const again = await open(connection)
    expect(await again.findToken(adminToken.value)).not.toBeNull()
    await again.close()
  })
})

describe('when Postgres', () => {
  test('is not there, opening is catalog.unavailable', async () => {
    await expect(
      open({ host: folder, port: 5432, user: 'x', database: 'x' }),
    ).rejects.toMatchObject({
      code: 'catalog.unavailable',
    })
  })

  test('goes away, calls are catalog.unavailable, and work again when it is back', async () => {
    const connection = await newDatabase()
    const catalog = await open(connection)
    const name = typeof connection === 'string' ? '' : (connection.database ?? '')
    await admin.rows(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
    await admin.rows('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
      name,
    ])
    await expect
      .poll(() => catalog.listWorkspaces().catch((err: unknown) => err))
      .toMatchObject({ code: 'catalog.unavailable' })
    await admin.rows(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
    await expect(catalog.listWorkspaces()).resolves.toEqual([])
    await catalog.close()
  })

  test('goes away under an idle connection, one short line tells it: no client, no settings', async () => {
    const warnings: object[] = []
    const database = openDatabase({
      connection: await newDatabase(),
      connectionsMax: 1,
      logger: Object.assign(Object.create(logger) as typeof logger, {
        warn: (about: object) => void warnings.push(about),
      }),
    })
    const [own] = await database.rows<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    await admin.rows('SELECT pg_terminate_backend($1)', [own?.pid])
    await expect.poll(() => warnings.length).toBeGreaterThan(0)
    expect(warnings).toEqual([
      { err: { code: '57P01', message: 'terminating connection due to administrator command' } },
    ])
    await database.close()
  })
})
