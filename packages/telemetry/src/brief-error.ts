/**
 * What a log line says of an error that is nobody's bug: its code, null without one, and its message. Errors of drivers carry the whole client
 * with its settings, hundreds of lines.
 */
export function briefError(err: unknown): {
  readonly code: string | null
  readonly message: string
} {
  if (!(err instanceof Error)) return { code: null, message: String(err) }
  const code = 'code' in err && typeof err.code === 'string' ? err.code : null
  return { code, message: err.message }
}
