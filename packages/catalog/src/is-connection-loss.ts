/**
 * Whether an error that nobody caught only says that Postgres went away under a connection: it is restarted, and whoever used the connection is
 * told by the failure of its next query. Libraries on the same server (BullMQ) hold connections that nobody listens to for moments.
 * Known by SQLSTATE 57P01 to 57P03 (shutdown, crash, start-up), by what the driver says of a socket that closed, or by what the system
 * says of a socket whose other end is gone. The latter does not name Postgres: whoever writes to a standard stream listens to its errors.
 */
export function isConnectionLoss(err: unknown): boolean {
  if (!(err instanceof Error)) return false
  if (err.message === 'Connection terminated unexpectedly') return true
  if (!('code' in err)) return false
  if ('syscall' in err) return err.code === 'EPIPE' || err.code === 'ECONNRESET'
  return 'severity' in err && /^57P0[123]$/.test(String(err.code))
}
