/** The same path under /v0 and /v1. Plain paths, not a pattern: a pattern in the first segment would slow down every route. */
export function both(path: string): string[] {
  return [`/v0${path}`, `/v1${path}`]
}
