// Which runs become one: few runs make few reads, and each key is written a few times only.

/** Runs of about the same size that become one. */
const FAN_IN = 8
/** Sizes of runs: the largest have as many times the keys of the smallest. */
const SIZES = 2

export interface RunSize {
  /** How many keys it was made of. */
  readonly count: number
  /** How many of them are still remembered. */
  readonly live: number
  /** It cannot be read whole: it stays as it is. */
  readonly isSpoiled: boolean
}

/** @param runs the oldest first. @returns the first and the number of those that become one, or null. */
export function chooseMerge(
  runs: readonly RunSize[],
  runKeys: number,
): { first: number; length: number } | null {
  const sizes = runs.map((run) => (run.isSpoiled ? SIZES : sizeOf(run.live, runKeys)))
  for (let first = 0; first < runs.length; first += 1) {
    const run = runs[first]
    const next = runs[first + 1]
    if (run === undefined) break
    if (run.isSpoiled) continue
    if (run.live < run.count / 2) return { first, length: 1 }
    // Both together are one of the smallest.
    if (next?.isSpoiled === false && run.live + next.live < runKeys) return { first, length: 2 }
    const size = sizes[first] ?? SIZES
    const isAlike = sizes.slice(first, first + FAN_IN).every((other) => other === size)
    if (size < SIZES && first + FAN_IN <= runs.length && isAlike) return { first, length: FAN_IN }
  }
  return null
}

function sizeOf(live: number, runKeys: number): number {
  let size = 0
  for (let limit = runKeys * FAN_IN; live >= limit && size < SIZES; limit *= FAN_IN) size += 1
  return size
}
