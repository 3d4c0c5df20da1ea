// What an error of the engine means for a batch. Decided by fault code and numeric engine code, never by text.
import { isAnswerLost } from '@sandpiper/clickhouse'
import { Fault } from '@sandpiper/faults'

/** Engine codes that may be gone at the next try: a vanished file of an attempt that was given up, a stop, a cancel, a full disk. */
const AWAY = new Set([107, 202, 203, 209, 210, 236, 243, 394, 439])
/** The same of servers: Keeper or replicas are away, a quorum is not there, the user may not yet. None of them is about rows. */
const SERVERS_AWAY = new Set([
  192, 194, 195, 216, 242, 279, 283, 285, 286, 289, 319, 341, 425, 492, 497, 516, 568, 999,
])
const AWAY_FAULTS = new Set(['engine.unavailable', 'server.busy', 'storage.full'])
/** Engine codes of a statement that needs more memory, time or rows than it may have. */
const LIMITS = new Set([158, 159, 160, 241, 307, 396])

/** True when the same statement may succeed later: it tells nothing about rows or views. */
export function isPassing(err: unknown): boolean {
  if (!(err instanceof Fault) || AWAY_FAULTS.has(err.code)) return true
  const code = engineCode(err)
  return code === null || AWAY.has(code) || SERVERS_AWAY.has(code) || LIMITS.has(code)
}

/** True when a living engine ended the statement at a limit. If it happens again and again, it is the statement's own doing. */
export function isLimit(err: unknown): boolean {
  const code = engineCode(err)
  return code !== null && LIMITS.has(code) && !isAnswerLost(err)
}

/** True when a block reaches more partitions than one insert may write, or a table has too many parts. */
export function isTooManyPartitions(err: unknown): boolean {
  return engineCode(err) === 252
}

/** True when the engine does not know the table or database. */
export function isTableGone(err: unknown): boolean {
  const code = engineCode(err)
  return code === 60 || code === 81
}

/** The engine's number for an error, or null when it is none of the engine. */
function engineCode(err: unknown): number | null {
  const text = err instanceof Fault ? err.details.headers?.['X-DB-Exception-Code'] : undefined
  return text === undefined ? null : Number(text)
}

/** What may be told about an error: without the paths of our own files, and without NUL, which the catalog's texts cannot hold. */
export function messageOf(err: unknown): string {
  const text = err instanceof Error ? err.message : String(err)
  return text
    .replaceAll(/\s*:?\s*\(in file\/uri [^)]*\)/g, '')
    .replaceAll('\0', '')
    .trim()
}
