/** What went wrong, in one line for people: what, where, what to do. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: 1 | 2
  /** What the server answered; null when it did not, or was not asked. */
  readonly status: number | null
  /** Whether the same request may work soon. */
  readonly isPassing: boolean

  constructor(
    message: string,
    {
      exitCode = 1,
      status = null,
      isPassing = false,
    }: { exitCode?: 1 | 2; status?: number | null; isPassing?: boolean } = {},
  ) {
    super(message)
    this.exitCode = exitCode
    this.status = status
    this.isPassing = isPassing
  }
}

/** A command that was typed wrongly. */
export function usageError(message: string): CliError {
  return new CliError(message, { exitCode: 2 })
}

/** The user wanted to stop. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
