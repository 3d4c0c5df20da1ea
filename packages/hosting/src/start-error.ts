/** Why the product cannot start, in one line for whoever typed the command. main prints it and ends with exit code 1. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** The code of a system error (`EACCES`, `ENOENT` ...), or '' for anything else. */
export function systemCode(err: unknown): string {
  return err instanceof Error && 'code' in err && typeof err.code === 'string' ? err.code : ''
}
