// Wakes those who wait for a job when this process hears of its end. A wake-up is a hint: the row is read again.
export interface Endings {
  announce(jobId: string): void
  /** Resolves on the next announcement, after `ms`, or when the signal fires; never rejects. */
  next(jobId: string, ms: number, signal: AbortSignal): Promise<void>
}

/** Makes an empty board. */
export function createEndings(): Endings {
  const waiting = new Map<string, Set<() => void>>()
  return {
    announce(jobId) {
      for (const wake of waiting.get(jobId) ?? []) wake()
    },
    next: (jobId, ms, signal) =>
      new Promise((resolve) => {
        const mine = waiting.get(jobId) ?? new Set()
        waiting.set(jobId, mine)
        const wake = (): void => {
          mine.delete(wake)
          if (mine.size === 0 && waiting.get(jobId) === mine) waiting.delete(jobId)
          clearTimeout(timer)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        const timer = setTimeout(wake, ms)
        mine.add(wake)
        signal.addEventListener('abort', wake)
        if (signal.aborted) wake()
      }),
  }
}
