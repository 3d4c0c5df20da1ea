import type { JobsDeps } from './jobs-deps.ts'

/** How long finished jobs are kept. */
export interface PrunerOptions {
  /** Hours; default 48. */
  readonly keepHours?: number
  /** Finished jobs per workspace; default 1,000. */
  readonly keepMax?: number
}

const EVERY_MS = 600_000

/** Removes old jobs, now and then while jobs end: an idle server has nothing to remove. */
export function createPruner(
  deps: Pick<JobsDeps, 'catalog' | 'logger' | 'now'>,
  { keepHours = 48, keepMax = 1_000 }: PrunerOptions,
): { ended(): void } {
  let last: number | null = null
  return {
    ended() {
      const now = deps.now()
      if (last !== null && now - last < EVERY_MS) return
      last = now
      const before = new Date(now - keepHours * 3_600_000).toISOString()
      deps.catalog.pruneJobs({ before, keepMax }).catch((err: unknown) => {
        deps.logger.warn({ err }, 'old jobs could not be removed')
      })
    },
  }
}
