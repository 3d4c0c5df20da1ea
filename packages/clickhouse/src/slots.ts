// A bounded number of places, and a bounded number waiting for one.
import { fault } from '@sandpiper/faults'

import type { Leaving } from './deadline.ts'

/** Places for work that may run at once. */
export interface Slots {
  /** Resolves with the function that gives the place back (call it once or more). @throws fault `server.busy` when too many wait, or when the signal aborts first. */
  take(signal: Leaving): Promise<() => void>
}

/** Makes `max` places with at most `waitingMax` waiting; first come, first served. */
export function createSlots(max: number, waitingMax: number): Slots {
  let free = max
  const waiting = new Set<() => void>()

  function giveBack(): void {
    const next = waiting.values().next()
    if (next.done === true) free += 1
    else next.value()
  }

  function oneRelease(): () => void {
    let given = false
    return () => {
      if (given) return
      given = true
      giveBack()
    }
  }

  function wait(signal: Leaving): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiting.delete(onTurn)
        reject(busy())
      }
      const onTurn = (): void => {
        waiting.delete(onTurn)
        signal.removeEventListener('abort', onAbort)
        resolve(oneRelease())
      }
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.add(onTurn)
    })
  }

  return {
    async take(signal) {
      if (signal.aborted) throw busy()
      if (free > 0) {
        free -= 1
        return oneRelease()
      }
      if (waiting.size >= waitingMax) throw busy()
      return wait(signal)
    },
  }
}

function busy(): Error {
  return fault('server.busy', {
    public: 'Too many queries are waiting. Try again in a second.',
    headers: { 'Retry-After': '1' },
  })
}
