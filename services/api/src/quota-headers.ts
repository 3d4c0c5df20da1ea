import type { Quota } from '@sandpiper/tokens'

/** What is told in the answer, refusals included. */
export function quotaHeaders({ limit, remaining, resetSeconds }: Quota): [string, string][] {
  return [
    ['X-RateLimit-Limit', String(limit)],
    ['X-RateLimit-Remaining', String(remaining)],
    ['X-RateLimit-Reset', String(resetSeconds)],
  ]
}
