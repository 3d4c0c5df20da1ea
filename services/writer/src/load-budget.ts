// How much the writer asks of the engine in all: loads at once, and loads per second. A load that waits takes more rows when its
// turn comes, so the budget alone makes batches large under load and immediate when idle. First come, first served.

export interface BudgetLimits {
  readonly concurrentMax: number
  /** Loads per second; may change with every look. */
  readonly perSecondMax: number
}

export interface LoadBudget {
  /** Resolves with the function that ends the load. */
  take(): Promise<() => void>
}

/** The clock and timer a budget runs on. */
export interface BudgetClock {
  /** Milliseconds; set back, no time has passed. */
  now(): number
  /** Calls `run` once, `ms` from now. */
  after(ms: number, run: () => void): void
}

export function createLoadBudget(limits: BudgetLimits, clock: BudgetClock): LoadBudget {
  const waiting: (() => void)[] = []
  let running = 0
  // A short burst is allowed: as many as may run at once.
  let tokens = limits.concurrentMax
  let refilledAt = clock.now()
  let timerSet = false

  function refill(): void {
    const now = clock.now()
    const gained = (Math.max(0, now - refilledAt) / 1000) * limits.perSecondMax
    tokens = Math.min(limits.concurrentMax, tokens + gained)
    refilledAt = now
  }

  function admitWaiting(): void {
    refill()
    while (running < limits.concurrentMax && tokens >= 1) {
      const admit = waiting.shift()
      if (admit === undefined) return
      running += 1
      tokens -= 1
      admit()
    }
    if (waiting.length > 0 && running < limits.concurrentMax && !timerSet) {
      timerSet = true
      clock.after(Math.ceil(((1 - tokens) / limits.perSecondMax) * 1000), () => {
        timerSet = false
        admitWaiting()
      })
    }
  }

  function ender(): () => void {
    let ended = false
    return () => {
      if (ended) return
      ended = true
      running -= 1
      admitWaiting()
    }
  }

  return {
    take: () =>
      new Promise((resolve) => {
        waiting.push(() => {
          resolve(ender())
        })
        admitWaiting()
      }),
  }
}
