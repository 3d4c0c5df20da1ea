// How many loads per second the engine can take: as many as leave it most of a processor for queries. What one load costs is what
// the engine used of the processors between two looks, by the loads that ended between them; merges, and the queries that ran
// meanwhile, count too: a busy engine gets fewer and larger loads.

export interface PaceLimits {
  /** However busy the engine is. */
  readonly perSecondMin: number
  /** However little a load costs. */
  readonly perSecondMax: number
  /** Processors that loads may use, e.g. 0.5. */
  readonly processorsMax: number
}

export interface LoadPace {
  loaded(): void
  /** @param life another life begins at 0 again. @param cpuMs what the engine has used since it started. */
  used(used: { readonly life: string; readonly cpuMs: number }): void
  perSecond(): number
}

/** Between two looks at the cost: long enough that a merge or two is in it. */
const LOOK_EVERY_MS = 1_000
/** What a load is taken to cost until something is known, or the first second would be a burst. */
const COST_MS_AT_FIRST = 10
/** Weight of the newest look. */
const NEWEST = 0.3

/** @param now monotonic or not, in milliseconds. */
export function createLoadPace(limits: PaceLimits, now: () => number): LoadPace {
  let last = { life: '', cpuMs: 0, atMs: 0 }
  let loads = 0
  let costMs = Math.max(COST_MS_AT_FIRST, (limits.processorsMax * 1000) / limits.perSecondMax)

  return {
    loaded() {
      loads += 1
    },
    used({ life, cpuMs }) {
      const atMs = now()
      if (life === last.life && Math.abs(atMs - last.atMs) < LOOK_EVERY_MS) return
      if (life === last.life && loads > 0)
        costMs += NEWEST * ((cpuMs - last.cpuMs) / loads - costMs)
      last = { life, cpuMs, atMs }
      loads = 0
    },
    perSecond() {
      const affordable = (limits.processorsMax * 1000) / Math.max(costMs, 0.001)
      return Math.min(limits.perSecondMax, Math.max(limits.perSecondMin, affordable))
    },
  }
}
