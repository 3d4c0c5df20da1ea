// How much the writer asks of the engine in all: loads at once, and loads per second. A load that waits takes more rows when its
// turn comes, so the budget alone makes batches large under load and immediate when idle. First come, first served; but one workspace
// never has every place: loads that wait for its slow views must not be what all others wait for.

export interface BudgetLimits {
  readonly concurrentMax: number
  /** Loads per second; may change with every look. */
  readonly perSecondMax: number
}

export interface LoadBudget {
  /** Resolves with the function that ends the load. @param workspaceId whose load it is. */
  take(workspaceId: string): Promise<() => void>
  /** Whether loads wait for their turn: then what all of them cost matters more than how long one takes. */
  isCrowded(): boolean
}

/** The clock and timer a budget runs on. */
export interface BudgetClock {
  /** Milliseconds; set back, no time has passed. */
  now(): number
  /** Calls `run` once, `ms` from now. */
  after(ms: number, run: () => void): void
}

export function createLoadBudget(limits: BudgetLimits, clock: BudgetClock): LoadBudget {
  const waiting: { readonly workspaceId: string; readonly admit: () => void }[] = []
  const runningOf = new Map<string, number>()
  const workspaceMax = Math.max(1, limits.concurrentMax - 1)
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
      const next = waiting.findIndex(({ workspaceId }) => mayRun(workspaceId))
      const [admitted] = next === -1 ? [] : waiting.splice(next, 1)
      if (admitted === undefined) return
      running += 1
      tokens -= 1
      runningOf.set(admitted.workspaceId, (runningOf.get(admitted.workspaceId) ?? 0) + 1)
      admitted.admit()
    }
    if (waiting.length > 0 && running < limits.concurrentMax && !timerSet) {
      timerSet = true
      clock.after(Math.ceil(((1 - tokens) / limits.perSecondMax) * 1000), () => {
        timerSet = false
        admitWaiting()
      })
    }
  }

  function mayRun(workspaceId: string): boolean {
    return (runningOf.get(workspaceId) ?? 0) < workspaceMax
  }

  function ended(workspaceId: string): void {
    const left = (runningOf.get(workspaceId) ?? 0) - 1
    if (left > 0) runningOf.set(workspaceId, left)
    else runningOf.delete(workspaceId)
    running -= 1
    admitWaiting()
  }

  function ender(workspaceId: string): () => void {
    let isEnded = false
    return () => {
      if (isEnded) return
      isEnded = true
      ended(workspaceId)
    }
  }

  return {
    take: (workspaceId) =>
      new Promise((resolve) => {
        const admit = (): void => {
          resolve(ender(workspaceId))
        }
        waiting.push({ workspaceId, admit })
        admitWaiting()
      }),
    isCrowded: () => waiting.length > 0,
  }
}
