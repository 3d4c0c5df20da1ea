/**
 * Whether an error that nobody caught only says that Postgres went away under a connection: it is restarted, and whoever used the connection is
 * told by the failure of its next query. Libraries on the same server (BullMQ) hold connections that nobody listens to for moments.
 * Known by SQLSTATE 57P01 to 57P03 (shutdown, crash, start-up), or by what the driver says of a socket that closed.
 */
export function isConnectionLoss(err: unknown): boolean {
  if (!(err instanceof Error)) return false
  if (err.message === 'Connection terminated unexpectedly') return true
  return 'severity' in err && 'code' in err && /^57P0[123]$/.test(String(err.code))
}
