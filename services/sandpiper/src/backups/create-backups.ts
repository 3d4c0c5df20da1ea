// Backups of the all-in-one. A backup is a data directory as a crash at one moment would leave it, but for Postgres, whose rows lie in it as
// text: whatever starts on a copy of it goes on from there.
import { copyFile, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Backups } from '@sandpiper/api'
import type { Catalog, CatalogSnapshot } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import { backupSchema, type BackupBody } from '@sandpiper/contracts'
import type { EventLog } from '@sandpiper/eventlog'
import { fault } from '@sandpiper/faults'
import type { Logger } from '@sandpiper/telemetry'

import type { DataDirectory } from '../data-directory.ts'
import { syncFolder } from '../sync-folder.ts'
import { copyLog } from './copy-log.ts'
import { copyTree, type Copied } from './copy-tree.ts'
import { holdLoading } from './hold-loading.ts'
import { WAITING_CATALOG } from './restore-catalog.ts'

export interface BackupDeps {
  readonly data: Pick<DataDirectory, 'root' | 'log' | 'keys' | 'positions' | 'spool' | 'engine'>
  readonly catalog: Catalog
  readonly clickhouse: Pick<ClickHouse, 'command'>
  readonly log: EventLog
  readonly logger: Logger
  /** Unix milliseconds. */
  readonly now: () => number
}

/** They share blocks with the server until it merges or removes rows; then each keeps its own. */
const KEPT_MAX = 10
const FOLDER = 'backups'
const MAKING = 'making'
/** Written last: a folder without it is no backup. */
const NOTE = 'backup.json'

/** @returns backups below `<data directory>/backups`. What a killed process left half done is removed with the next one. */
export function createBackups(deps: BackupDeps): Backups {
  const folder = join(deps.data.root, FOLDER)
  let isMaking = false
  const list = (): Promise<BackupBody[]> => readBackups(folder)
  return {
    list,
    async create() {
      if (isMaking) throw fault('request.conflict', { public: 'A backup is being made already.' })
      isMaking = true
      try {
        if ((await list()).length >= KEPT_MAX)
          throw fault('request.conflict', {
            public: `There are ${KEPT_MAX} backups on this server. Remove one first: sandpiper backup rm <id>.`,
          })
        return await make(deps, folder)
      } catch (err) {
        if ((err as NodeJS.ErrnoException).code !== 'ENOSPC') throw err
        throw fault('storage.full', { public: 'There is no backup: the disk is full.', cause: err })
      } finally {
        isMaking = false
        await rm(join(folder, MAKING), { recursive: true, force: true })
      }
    },
    async remove(id) {
      if (!(await list()).some((backup) => backup.id === id)) return false
      await rm(join(folder, id), { recursive: true, force: true })
      return true
    },
  }
}

async function make(deps: BackupDeps, folder: string): Promise<BackupBody> {
  const { data, logger } = deps
  const making = join(folder, MAKING)
  await rm(making, { recursive: true, force: true })
  await mkdir(making, { recursive: true, mode: 0o711 })
  const began = performance.now()
  const taken = await holdLoading(deps, async (workspaces, checkHeld) => ({
    ...(await takeAll(deps, making, checkHeld)),
    ...{ workspaces, createdAt: deps.now() },
  }))
  const heldSeconds = Math.round(performance.now() - began) / 1_000
  try {
    await writeCatalog(taken.snapshot, making)
  } finally {
    await taken.snapshot.close()
  }
  for (const name of ['sandpiper.json', 'secret.key'])
    if (existsSync(join(data.root, name))) await copyFile(join(data.root, name), join(making, name))
  const createdAt = new Date(taken.createdAt).toISOString()
  const id = createdAt.replaceAll(':', '-')
  const backup: BackupBody = {
    ...{ id, path: join(folder, id), created_at: createdAt, held_seconds: heldSeconds },
    ...{ workspaces: taken.workspaces, bytes: taken.bytes, files: taken.files },
  }
  await writeSynced(join(making, NOTE), [JSON.stringify(backup, null, 2)])
  syncFolder(making)
  await rename(making, backup.path)
  syncFolder(folder)
  logger.info({ backup }, 'a backup was made')
  return backup
}

/** Everything of one moment: while loading is held, only the log grows. */
async function takeAll(
  { data, catalog, clickhouse }: BackupDeps,
  making: string,
  checkHeld: () => void,
): Promise<Copied & { readonly snapshot: CatalogSnapshot }> {
  await mkdir(join(making, 'engine'), { mode: 0o700 })
  await mkdir(join(making, 'spool'), { mode: 0o700 })
  let snapshot: CatalogSnapshot | null = null
  try {
    await clickhouse.command({ sql: 'SYSTEM STOP MERGES' })
    const tables = await copyTree(
      join(data.engine, 'db'),
      join(making, 'engine', 'db'),
      (_, names) => names.includes('checksums.txt'),
      (name) => !/^(delete_)?tmp_/.test(name),
    )
    snapshot = await catalog.snapshot()
    // Files of imports and results of copies that are not in the log yet.
    const spools = await Promise.all(
      ['imports', 'copies']
        .filter((name) => existsSync(join(data.spool, name)))
        .map((name) => copyTree(join(data.spool, name), join(making, 'spool', name), () => false)),
    )
    const log = await copyLog(data, {
      log: join(making, 'log'),
      keys: join(making, 'keys'),
      positions: join(making, 'positions'),
    })
    const all = [tables, log, ...spools]
    checkHeld()
    return {
      snapshot,
      files: all.reduce((sum, { files }) => sum + files, 0),
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  } catch (err) {
    await snapshot?.close()
    throw err
  } finally {
    await clickhouse.command({ sql: 'SYSTEM START MERGES' })
  }
}

async function writeCatalog(snapshot: CatalogSnapshot, making: string): Promise<void> {
  const path = join(making, WAITING_CATALOG)
  await mkdir(join(path, '..'), { mode: 0o700 })
  await writeSynced(path, snapshot.lines())
}

async function writeSynced(
  path: string,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const line of lines) await file.write(`${line}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function readBackups(folder: string): Promise<BackupBody[]> {
  if (!existsSync(folder)) return []
  const backups: BackupBody[] = []
  for (const id of (await readdir(folder)).sort().reverse()) {
    const note = join(folder, id, NOTE)
    if (!existsSync(note)) continue
    const read = backupSchema.safeParse(JSON.parse(await readFile(note, 'utf8')))
    if (read.success && id === read.data.id) backups.push({ ...read.data, path: join(folder, id) })
  }
  return backups
}
