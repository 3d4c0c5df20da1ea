// What an error of the engine means for a batch. Decided by fault code and numeric engine code, never by text.
import { Fault } from '@sandpiper/faults'

/** Engine codes that say nothing about the batch: memory, disk, cancellation, a vanished file of an attempt that was given up. */
const PASSING = new Set([107, 158, 159, 160, 202, 203, 209, 210, 236, 241, 243, 307, 394, 396, 439])
const PASSING_FAULTS = new Set([
  'engine.unavailable',
  'server.busy',
  'query.timeout',
  'storage.full',
])

/** True when the same statement may succeed later: it tells nothing about rows or views. */
export function isPassing(err: unknown): boolean {
  if (!(err instanceof Fault)) return true
  if (PASSING_FAULTS.has(err.code)) return true
  const code = engineCode(err)
  return code === null || PASSING.has(code)
}

/** True when the engine does not know the table or database. */
export function isTableGone(err: unknown): boolean {
  const code = engineCode(err)
  return code === 60 || code === 81
}

/** The engine's number for an error, or null when it is none of the engine. */
export function engineCode(err: unknown): number | null {
  const text = err instanceof Fault ? err.details.headers?.['X-DB-Exception-Code'] : undefined
  return text === undefined ? null : Number(text)
}

/** What may be told about an error: without the paths of our own files. */
export function messageOf(err: unknown): string {
  const text = err instanceof Error ? err.message : String(err)
  return text.replaceAll(/\s*:?\s*\(in file\/uri [^)]*\)/g, '').trim()
}
