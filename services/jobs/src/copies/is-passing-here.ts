import { Fault } from '@sandpiper/faults'

import { isPassing, type JobContext } from '../job-kind.ts'
import { isGivenUp } from '../job-stopped.ts'

/** Runs of one copy or population in all. */
export const ATTEMPTS_MAX = 5

/** Whether a run that failed was the last one of its job; else another goes on with it. */
export function isLastRun(
  err: unknown,
  { signal, attempt }: Pick<JobContext, 'signal' | 'attempt'>,
): boolean {
  if (isGivenUp(signal) || attempt + 1 >= ATTEMPTS_MAX) return true
  return !signal.aborted && !isPassingHere(err)
}

/** What is written down of a run that failed. */
export function textOfFailure(err: unknown, what: string, signal: AbortSignal): string {
  if (err instanceof Fault) return err.details.public
  return `The ${what} ${signal.aborted ? 'was stopped' : 'failed by an internal error'}.`
}

/**
 * Whether a copy or a population may be run again: what passes by itself, and another one that is swapping tables of the workspace now, but
 * not a query that took too long: it would take too long again.
 */
export function isPassingHere(err: unknown): boolean {
  if (!(err instanceof Fault) || err.code === 'query.timeout') return false
  const isBusy =
    err.code === 'request.conflict' && err.details.headers?.['Retry-After'] !== undefined
  return isBusy || isPassing(err)
}
