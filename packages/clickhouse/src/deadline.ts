// How long one query may take, from waiting for a connection to the end of its answer.

/** What a wait has to hear of: the part of an AbortSignal that is needed for it. */
export interface Leaving {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: true }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** A timer and the caller's own signal, joined. */
export interface Deadline {
  /** Aborts when the time has passed or the caller left. */
  readonly signal: Leaving
  /** True when it was the time. */
  passed(): boolean
  /** Starts anew with `ms`; when that passes, `also` is called too. */
  extend(ms: number, also: () => void): void
  /** Nothing happens any more. Idempotent. */
  stop(): void
}

/**
 * Starts one. One timer and one listener a query: AbortSignal.any would keep both alive until garbage collection, and an AbortController
 * of its own costs as much as the rest of a small query's bookkeeping.
 */
export function createDeadline(ms: number, caller: Leaving | undefined): Deadline {
  const signal = new Ending()
  let passed = false
  const onCall = (): void => {
    signal.abort()
  }
  const onTime = (): void => {
    passed = true
    signal.abort()
  }
  if (caller?.aborted === true) signal.abort()
  caller?.addEventListener('abort', onCall, { once: true })
  let timer = setTimeout(onTime, ms)
  return {
    signal,
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

class Ending implements Leaving {
  aborted = false
  #listeners: (() => void)[] = []

  abort(): void {
    if (this.aborted) return
    this.aborted = true
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) listener()
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.aborted) this.#listeners.push(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((each) => each !== listener)
  }
}
