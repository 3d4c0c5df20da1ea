// Batches that a failing view could not take: written down before the batch is confirmed, so that a repair knows what is missing.
// One small file each, named by what it says: writing it twice changes nothing.
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface MissingBatch {
  readonly view: string
  readonly database: string
  readonly dataSourceId: string
  readonly fromSequence: number
  readonly toSequence: number
  readonly schemaVersion: number
  readonly message: string
  /** Unix milliseconds. */
  readonly createdAtMs: number
}

export interface MissingViews {
  /** Durable when it resolves. */
  add(missing: MissingBatch): Promise<void>
  list(): Promise<MissingBatch[]>
  /** Forgets what is missing in views that no longer exist. @param isThere tells of a view of a database. */
  forgetGone(database: string, isThere: (view: string) => boolean): Promise<number>
}

/** @param dir a folder of its own. */
export function createMissingViews(dir: string): MissingViews {
  const fileOf = (each: MissingBatch): string =>
    `${each.database}-${each.view}-${each.dataSourceId}-${each.fromSequence}-${each.toSequence}.json`

  async function list(): Promise<MissingBatch[]> {
    await mkdir(dir, { recursive: true })
    const names = (await readdir(dir)).filter((name) => name.endsWith('.json')).sort()
    const texts = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')))
    return texts.map((text) => JSON.parse(text) as MissingBatch)
  }

  return {
    async add(missing) {
      await mkdir(dir, { recursive: true })
      const path = join(dir, fileOf(missing))
      await writeDurably(`${path}.new`, JSON.stringify(missing))
      await rename(`${path}.new`, path)
      await syncDirectory(dir)
    },
    list,
    async forgetGone(database, isThere) {
      const gone = (await list()).filter(
        (each) => each.database === database && !isThere(each.view),
      )
      for (const each of gone) await rm(join(dir, fileOf(each)), { force: true })
      return gone.length
    },
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
}

async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
