// Reads the folder of the index: which files count, and whether what they cover has no gap.
import { setTimeout as sleep } from 'node:timers/promises'
import { damaged, DamagedIndex } from './damaged-index.ts'
import { type KeyFiles, UNFINISHED } from './key-files.ts'
import { journalFrom, readJournal } from './key-journal.ts'
import { type KeyRun, openRun } from './key-run.ts'
import { RecentKeys } from './recent-keys.ts'
import { runRange } from './run-format.ts'

export interface LoadedIndex {
  /** The oldest first. */
  readonly runs: readonly KeyRun[]
  readonly recent: RecentKeys
  /** The journal of the recent keys covers the event log from behind this sequence. */
  readonly from: number
  readonly upTo: number
}

/** What a file is called that is put aside. */
const DAMAGED = '.damaged'
/** Waits before each further try of a file that cannot be read. */
const READ_RETRIES_MS = [50, 250, 1_000]
/** What a disk says of a place that it cannot read. */
const UNREADABLE = new Set(['EIO', 'EBADMSG', 'EUCLEAN', 'EREMOTEIO', 'ENODATA', 'EILSEQ'])

/**
 * A journal that cannot be believed is put aside alone: the log has its keys, or tells that it has not.
 * @param onDamage told of each.
 * @throws DamagedIndex when a run is not what was written, or a file is missing | what the disk throws.
 */
export async function loadIndex(
  files: KeyFiles,
  onDamage: (reason: string) => void,
): Promise<LoadedIndex> {
  const names = await files.names()
  if (names.includes('data.mdb')) throw damaged('it was written by another version')
  // A name that is seen may not be durable: what it makes superfluous must not go before.
  await files.syncNames()
  for (const name of names) if (name.endsWith(UNFINISHED)) await files.remove(name)
  const runs: KeyRun[] = []
  try {
    for (const name of await runNames(files, names))
      runs.push(await patiently(name, () => openRun(files, name)))
    const to = runs.at(-1)?.tail.to ?? 0
    return { runs, ...(await recentKeys(files, names, to, onDamage)) }
  } catch (error) {
    for (const run of runs) run.retire()
    throw error
  }
}

/** Those that count, the oldest first: a merge may have left what it was made of. */
async function runNames(files: KeyFiles, names: readonly string[]): Promise<string[]> {
  const runs = names.flatMap((name) => {
    const range = runRange(name)
    return range === null ? [] : [{ name, ...range }]
  })
  runs.sort((a, b) => a.from - b.from || b.to - a.to)
  const counting: string[] = []
  let to: number | null = null
  for (const run of runs) {
    if (to !== null && run.to <= to) {
      await files.remove(run.name)
      continue
    }
    // Runs may overlap: one that could not be told durable was made anew.
    if (to !== null && run.from > to) throw damaged(`there is nothing from ${to} to ${run.from}`)
    to = run.to
    counting.push(run.name)
  }
  return counting
}

/** A run that could not be told durable may stand beside the journal it was made of: the journal goes further. */
async function recentKeys(
  files: KeyFiles,
  names: readonly string[],
  runsTo: number,
  onDamage: (reason: string) => void,
): Promise<Omit<LoadedIndex, 'runs'>> {
  const journals = names.flatMap((name) => {
    const from = journalFrom(name)
    return from === null ? [] : [{ name, from }]
  })
  journals.sort((a, b) => a.from - b.from)
  const recent = new RecentKeys()
  let found = { from: runsTo, upTo: runsTo }
  for (const { name, from } of journals) {
    if (from > found.upTo) throw damaged(`there is nothing from ${found.upTo} to ${from}`)
    const journal = await journalOrNull(files, name, onDamage)
    if (journal === null) continue
    const { keys, upTo } = journal
    if (upTo <= found.upTo) {
      if (from < found.from) await files.remove(name)
      continue
    }
    for (const entry of keys.entries()) recent.add(entry)
    found = { from: Math.min(from, found.from), upTo }
  }
  return { recent, ...found }
}

async function journalOrNull(
  files: KeyFiles,
  name: string,
  onDamage: (reason: string) => void,
): Promise<Awaited<ReturnType<typeof readJournal>> | null> {
  try {
    return await patiently(name, () => readJournal(files, name))
  } catch (error) {
    if (!(error instanceof DamagedIndex)) throw error
    onDamage(error.message)
    await files.rename(name, name + DAMAGED)
    return null
  }
}

/** What stays unreadable is damage: the log may have it. What tells nothing about the disk is passed on. */
async function patiently<Result>(name: string, read: () => Promise<Result>): Promise<Result> {
  for (const waitMs of [...READ_RETRIES_MS, null]) {
    try {
      return await read()
    } catch (error) {
      if (!isUnreadable(error)) throw error
      if (waitMs !== null) await sleep(waitMs)
    }
  }
  throw damaged(`${name} cannot be read`)
}

function isUnreadable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && UNREADABLE.has(String(error.code))
}
