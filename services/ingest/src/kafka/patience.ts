// Pauses between attempts: longer each time, never longer than a bound, and never for all at the same moment.

/** Milliseconds before the attempt of that number, counted from 1. */
export function pauseMs(attempt: number, longestMs: number, random: () => number): number {
  return Math.min(longestMs, 50 * 2 ** Math.min(attempt, 20)) * (0.5 + random() / 2)
}

/** Resolves after the time, or at once on abort. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms)
    function end(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    signal.addEventListener('abort', end, { once: true })
  })
}
