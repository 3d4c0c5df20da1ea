// The first start on a copy of a backup: its catalog's rows wait as text until there is a Postgres to hold them.
import { createReadStream, existsSync, lchownSync, lstatSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { loadSnapshot } from '@sandpiper/catalog'
import type { Logger } from '@sandpiper/telemetry'

import type { DataDirectory } from '../data-directory.ts'
import { syncFolder } from '../sync-folder.ts'
import type { User, Users } from '../users.ts'

/** Below the data directory. Gone once the rows are in Postgres. */
export const WAITING_CATALOG = join('restore', 'catalog.ndjson')

/** Whoever ran the server that made the backup: its tables belong to the engine of this one. Before the engine starts. */
export function takeOverTables(
  { root, engine }: Pick<DataDirectory, 'root' | 'engine'>,
  { engine: user }: Users,
): void {
  if (user !== null && existsSync(join(root, WAITING_CATALOG))) giveTo(engine, user)
}

/**
 * Fills an empty catalog with the rows that wait, if any do. Before anything else reads it.
 * @throws MigrationError when they are not whole, or the catalog has rows of its own; nothing was changed then.
 */
export async function restoreCatalog(
  { root }: Pick<DataDirectory, 'root'>,
  connection: string,
  logger: Logger,
): Promise<void> {
  const path = join(root, WAITING_CATALOG)
  if (!existsSync(path)) return
  const lines = readLines(path)
  const isFilled = await loadSnapshot({ connection, logger, lines, mark: markOf(root) })
  rmSync(dirname(path), { recursive: true })
  rmSync(join(root, 'backup.json'), { force: true })
  syncFolder(root)
  logger.info({ isFilled }, 'the catalog of a backup was restored')
}

/** Opened by who reads the first: lines that come before somebody listens are lost. */
async function* readLines(path: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(path), crlfDelay: Infinity })
}

/** A start that was cut off after the filling meets its own rows again; rows of another past are met with refusal. */
function markOf(root: string): string {
  const { birthtimeMs, ino, size } = lstatSync(join(root, WAITING_CATALOG))
  return `${ino}-${size}-${Math.floor(birthtimeMs)}`
}

function giveTo(path: string, user: User): void {
  // A name that leads elsewhere is given away itself, not what it leads to.
  lchownSync(path, user.uid, user.gid)
  if (!lstatSync(path).isDirectory()) return
  for (const name of readdirSync(path)) giveTo(join(path, name), user)
}
