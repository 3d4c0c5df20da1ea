/** What the server said, as it said it: the console adds no words of its own. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  readonly details: ApiErrorDetails

  constructor(status: number, message: string, details: ApiErrorDetails = {}) {
    super(message)
    this.status = status
    this.details = details
  }
}

export interface ApiErrorDetails {
  documentation?: string
  /** Of a pipe that failed: which node, and the line within it, from 1. */
  node?: string
  line?: number
  requestId?: string
  /** The body as it came, for answers that carry more than `error`. */
  body?: unknown
  retryAfterSeconds?: number
}

/** True when the token may not do this: shown as a state of the screen, not as a failure. */
export function isForbidden(err: unknown): boolean {
  return err instanceof ApiError && err.status === 403
}

export function isNotFound(err: unknown): boolean {
  return err instanceof ApiError && err.status === 404
}

/** Whether asking again may help: the server is starting, busy or away. */
export function isPassing(err: unknown): boolean {
  if (err instanceof ApiError) return [429, 502, 503, 504].includes(err.status)
  return err instanceof TypeError
}
