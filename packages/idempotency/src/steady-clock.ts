// The wall clock, where a wrong one would delete: a clock that was set wrong at the start, or is ahead for a few seconds, must not make
// keys be forgotten for good.

/** How long it must have moved in step. */
const STEADY_MS = 3_600_000
/** What it may be ahead or behind between two looks. */
const JUMP_MS = 60_000

/**
 * @param now Unix milliseconds.
 * @param elapsed milliseconds of a clock that nobody sets.
 * @returns the time, or null until `now` has moved in step with `elapsed` for an hour. Ask it at least once a minute.
 */
export function steadyClock(now: () => number, elapsed: () => number): () => number | null {
  let last = { now: now(), elapsed: elapsed() }
  let since = last.elapsed
  return () => {
    const next = { now: now(), elapsed: elapsed() }
    const drift = next.now - last.now - (next.elapsed - last.elapsed)
    last = next
    if (Math.abs(drift) > JUMP_MS) since = next.elapsed
    return next.elapsed - since >= STEADY_MS ? next.now : null
  }
}
