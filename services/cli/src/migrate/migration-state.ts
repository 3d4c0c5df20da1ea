// How far a migration is, on disk: what a run that was killed needs to go on.
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { CliError } from '../cli-error.ts'

/** A partition of a data source, and how much of it was sent. */
export interface PartitionState {
  readonly partition: string
  /** Rows of the source when the migration began. */
  readonly rows: number
  slices: number
  slicesDone: number
  quarantined: number
}

export interface SourceState {
  readonly where: string | null
  readonly partitions: PartitionState[]
}

export interface Migration {
  /** Begins the key of each thing that is sent: two migrations never share one. */
  readonly id: string
  readonly from: string
  /** Ids of the two workspaces. */
  readonly fromWorkspace: string
  readonly toWorkspace: string
  updatedMs: number
  readonly sources: Record<string, SourceState>
}

export interface MigrationState {
  readonly migration: Migration
  /** Whether it goes on from an earlier run. */
  readonly isResumed: boolean
  save(): void
  /** Where the rows of one slice wait until all of them were sent. */
  spoolPath(source: string, partition: number, slice: number): string
}

/** Milliseconds that the target remembers what was sent, with a day to spare. */
const REMEMBERED_MS = 6 * 86_400_000
const FILE = 'migration.json'

/** Opens the state in a folder, or begins one. @throws CliError when it belongs to another migration, or is too old to go on without doubling rows. */
export function openMigrationState(
  folder: string,
  wanted: Pick<Migration, 'from' | 'fromWorkspace' | 'toWorkspace'>,
  now: () => number,
): MigrationState {
  const path = join(folder, FILE)
  const found = existsSync(path) ? readState(path) : null
  if (found !== null) refuseOther(found, wanted, folder, now())
  const migration: Migration = found ?? {
    ...{ id: randomUUID(), ...wanted, updatedMs: now(), sources: {} },
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  removeSent(folder, migration)
  return {
    migration,
    isResumed: found !== null,
    save: () => {
      migration.updatedMs = now()
      writeDurably(path, `${JSON.stringify(migration, null, 2)}\n`)
    },
    spoolPath: (source, partition, slice) => join(folder, `${source}.${partition}.${slice}.ndjson`),
  }
}

/** Whole or not at all, also after a power cut. */
function writeDurably(path: string, text: string): void {
  const making = `${path}.making`
  rmSync(making, { force: true })
  writeFileSync(making, text, { mode: 0o600 })
  renameDurably(making, path)
}

/** Gives a finished file its name. */
export function renameDurably(making: string, path: string): void {
  sync(making, 'r+')
  renameSync(making, path)
  sync(dirname(path), 'r')
}

/** Rows that were sent whole are kept no longer, whatever stopped their removal. */
function removeSent(folder: string, { sources }: Migration): void {
  const waiting = Object.entries(sources).flatMap(([name, { partitions }]) =>
    partitions.map(({ slicesDone }, index) => `${name}.${index}.${slicesDone}.ndjson`),
  )
  const spools = readdirSync(folder).filter((name) => /\.ndjson(\.making)?$/.test(name))
  for (const name of spools)
    if (!waiting.includes(name)) rmSync(join(folder, name), { force: true })
}

function sync(path: string, flags: string): void {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function refuseOther(
  found: Migration,
  wanted: Pick<Migration, 'from' | 'fromWorkspace' | 'toWorkspace'>,
  folder: string,
  nowMs: number,
): void {
  const isSame =
    found.fromWorkspace === wanted.fromWorkspace && found.toWorkspace === wanted.toWorkspace
  if (!isSame)
    throw new CliError(
      `${folder} belongs to a migration between other workspaces (from ${found.from}). Give another --state.`,
    )
  if (nowMs - found.updatedMs > REMEMBERED_MS)
    throw new CliError(
      `${folder} is from ${new Date(found.updatedMs).toISOString()}: the target may not remember any more what it was sent, so rows might come twice. Truncate the data sources there and begin anew with another --state.`,
    )
}

function readState(path: string): Migration {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Migration
  } catch (err) {
    throw new CliError(`${path} cannot be read: ${String(err)}`)
  }
}
