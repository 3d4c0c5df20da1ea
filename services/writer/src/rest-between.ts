// A pause between things that are done again and again, so that each is worth more.

/** Resolves at once, or when the time since it resolved last is over. */
export function restBetween(
  ms: number,
  { monotonicMs, sleep }: { monotonicMs: () => number; sleep: (ms: number) => Promise<void> },
): () => Promise<void> {
  let lastMs = Number.NEGATIVE_INFINITY
  return async () => {
    const left = lastMs + ms - monotonicMs()
    if (left > 0) await sleep(left)
    lastMs = monotonicMs()
  }
}
