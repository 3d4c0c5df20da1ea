/** What went wrong, in one line for people: what, where, what to do. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** A command that was typed wrongly. */
export function usageError(message: string): CliError {
  return new CliError(message, 2)
}
