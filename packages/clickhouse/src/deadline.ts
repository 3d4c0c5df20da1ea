// How long one query may take, from waiting for a connection to the end of its answer.

/** A timer and the caller's own signal, joined. */
export interface Deadline {
  /** Aborts when the time has passed or the caller left. */
  readonly signal: AbortSignal
  /** True when it was the time. */
  passed(): boolean
  /** Starts anew with `ms`; when that passes, `also` is called too. */
  extend(ms: number, also: () => void): void
  /** Nothing happens any more. Idempotent. */
  stop(): void
}

/** Starts one. One timer and one listener a query: AbortSignal.any would keep both alive until garbage collection. */
export function createDeadline(ms: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  let passed = false
  const onCall = (): void => {
    controller.abort()
  }
  const onTime = (): void => {
    passed = true
    controller.abort()
  }
  if (caller?.aborted === true) controller.abort()
  caller?.addEventListener('abort', onCall, { once: true })
  let timer = setTimeout(onTime, ms)
  return {
    signal: controller.signal,
    passed: () => passed,
    extend(more, also) {
      clearTimeout(timer)
      timer = setTimeout(() => {
        onTime()
        also()
      }, more)
    },
    stop() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', onCall)
    },
  }
}
