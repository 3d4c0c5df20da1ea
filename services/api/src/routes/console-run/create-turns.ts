/** True while there is time. */
export type Turn = () => Promise<boolean>

/**
 * Work on many nodes, one after another: others are served between two of them, also when none waits for the engine, and all of them
 * together may begin for as long as one query may run. @param now unix milliseconds.
 */
export function createTurns(now: () => number, seconds: number): Turn {
  const until = now() + seconds * 1_000
  return async () => {
    await new Promise<void>((resolve) => setImmediate(resolve))
    return now() < until
  }
}
