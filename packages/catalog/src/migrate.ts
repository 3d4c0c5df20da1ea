// Brings the catalog's tables to the version of this program. Forward only, one transaction per file, one process at a time,
// and a file that was applied may never change: its checksum is kept and compared at every start.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { existsSync } from 'node:fs'

import type { Database, Queryable } from './database.ts'

/** Tells the operator that this program and this catalog do not belong together; main prints it and ends with exit code 1. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

interface Migration {
  readonly version: number
  readonly file: string
  readonly sql: string
  readonly checksum: string
}

// Any number that no other program using the same Postgres picks.
const LOCK = 7_181_000_001

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version integer PRIMARY KEY, file text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`

/**
 * Applies what is missing from `sqlDir` in order. Idempotent; of processes that start at once one works and the others wait.
 * @throws MigrationError when an applied file changed or the catalog is newer than this program; nothing was changed then.
 */
export async function migrate(database: Database, sqlDir: string): Promise<void> {
  const wanted = await readMigrations(sqlDir)
  await database.transaction(async (tx) => {
    // Held to the end of the transaction, also when this process dies.
    await tx.rows('SELECT pg_advisory_xact_lock($1)', [LOCK])
    await tx.rows(MIGRATIONS_TABLE)
    await apply(tx, await checkApplied(tx, wanted))
  })
}

/**
 * Makes the tables of an empty catalog as these migrations made them, not those of later ones.
 * @throws MigrationError when a migration is not known here, or not as it was then.
 */
export async function migrateTo(
  tx: Queryable,
  sqlDir: string,
  applied: readonly { readonly version: number; readonly checksum: string }[],
): Promise<void> {
  await tx.rows(MIGRATIONS_TABLE)
  const known = await readMigrations(sqlDir)
  const wanted = applied.map(({ version, checksum }) => {
    const migration = known[version - 1]
    if (migration?.checksum === checksum) return migration
    throw new MigrationError(
      `The backup was taken by another version of this program (migration ${version}). Start that version, or a newer one.`,
    )
  })
  await apply(tx, wanted)
}

async function apply(tx: Queryable, migrations: readonly Migration[]): Promise<void> {
  for (const { version, file, checksum, sql } of migrations) {
    await tx.rows(sql)
    await tx.rows('INSERT INTO schema_migrations (version, file, checksum) VALUES ($1, $2, $3)', [
      version,
      file,
      checksum,
    ])
  }
}

/**
 * Finds `sql/catalog`: the nearest one above this module, be it run from source or from a bundle inside the checkout.
 * @throws MigrationError when there is none; then `sqlDir` must be given.
 */
export function findSqlDir(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (dirname(folder) !== folder) {
    const candidate = join(folder, 'sql', 'catalog')
    if (existsSync(candidate)) return candidate
    folder = dirname(folder)
  }
  throw new MigrationError(
    'The folder sql/catalog is not beside this program: the installation is incomplete.',
  )
}

async function readMigrations(sqlDir: string): Promise<Migration[]> {
  const files = (await readdir(sqlDir)).filter((file) => file.endsWith('.sql')).sort()
  const migrations: Migration[] = []
  for (const file of files) {
    const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1])
    if (version !== migrations.length + 1) {
      throw new MigrationError(
        `${file} is not migration ${migrations.length + 1}: names are 0001_what.sql, without gaps.`,
      )
    }
    const sql = await readFile(join(sqlDir, file), 'utf8')
    migrations.push({
      version,
      file,
      sql,
      checksum: createHash('sha256').update(sql).digest('hex'),
    })
  }
  if (migrations.length === 0) throw new MigrationError(`There are no migrations in ${sqlDir}.`)
  return migrations
}

async function checkApplied(tx: Queryable, wanted: readonly Migration[]): Promise<Migration[]> {
  const applied = await tx.rows<{ version: number; file: string; checksum: string }>(
    'SELECT version, file, checksum FROM schema_migrations ORDER BY version',
  )
  for (const row of applied) {
    const migration = wanted[row.version - 1]
    if (migration === undefined) {
      throw new MigrationError(
        `The catalog was used by a newer version of this program (it has ${row.file}). Upgrade again.`,
      )
    }
    if (migration.checksum !== row.checksum) {
      throw new MigrationError(
        `${migration.file} is not the file that was applied to this catalog (${row.file}).`,
      )
    }
  }
  return wanted.slice(applied.length)
}
