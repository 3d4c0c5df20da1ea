/**
 * Stops a bug where it is first seen. For programmer errors only: never for input, data or the outside world.
 * @throws AssertionError; the request dies with 500, the process lives (the writer stops consuming instead).
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/**
 * Marks a branch that the types prove cannot run; keeps switches exhaustive.
 * @throws AssertionError naming the value that reached it.
 */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable value: ${JSON.stringify(value)}`)
}

/** A bug in our own code, as opposed to a Fault (expected) or a data outcome (a value). */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}
