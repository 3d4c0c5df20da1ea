import { Fault } from '@sandpiper/faults'

import { isPassing } from '../job-kind.ts'

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
