// Up to where each data source is loaded, and who waits for it. Positions outlive a writer: what it confirmed stays confirmed.
import { fault } from '@sandpiper/faults'
import type { LoadOutcome } from './event-log.ts'

/** Ranges in which a view failed are remembered for late askers; older ones count as loaded. */
const FAILURES_MAX = 64

/** Positions told by the writer, and waits for them. */
export interface LoadedPositions {
  /** The data source's frames up to `sequence` are confirmed; the outcome is that of the frames since the last call. */
  publish(dataSourceId: string, sequence: number, outcome: LoadOutcome): void
  /** Every frame up to `sequence` is confirmed: also a data source that has none of the last ones is loaded up to there. */
  passed(sequence: number): void
  /** Every frame up to this one is known to be confirmed; 0 before the writer told anything. */
  passedUpTo(): number
  /** @throws fault `server.busy` (503) when the signal aborts first. */
  wait(dataSourceId: string, sequence: number, signal: AbortSignal): Promise<LoadOutcome>
}

interface Position {
  sequence: number
  failures: { readonly from: number; readonly to: number; readonly message: string }[]
  readonly waiting: Set<{ readonly sequence: number; resolve(): void }>
}

export function createLoadedPositions(): LoadedPositions {
  const positions = new Map<string, Position>()
  let passedUpTo = 0

  function position(dataSourceId: string): Position {
    let found = positions.get(dataSourceId)
    if (found === undefined) {
      found = { sequence: 0, failures: [], waiting: new Set() }
      positions.set(dataSourceId, found)
    }
    return found
  }

  return {
    publish(dataSourceId, sequence, outcome) {
      const at = position(dataSourceId)
      if (sequence <= at.sequence) return
      if (outcome.kind === 'view_failed') {
        at.failures = [
          ...at.failures,
          { from: at.sequence + 1, to: sequence, message: outcome.message },
        ].slice(-FAILURES_MAX)
      }
      at.sequence = sequence
      wake(at, sequence)
    },
    passedUpTo: () => passedUpTo,
    passed(sequence) {
      passedUpTo = Math.max(passedUpTo, sequence)
      for (const at of positions.values()) wake(at, sequence)
    },
    async wait(dataSourceId, sequence, signal) {
      const at = position(dataSourceId)
      if (Math.max(at.sequence, passedUpTo) < sequence) await reached(at, sequence, signal)
      const failure = at.failures.find(({ from, to }) => from <= sequence && sequence <= to)
      return failure === undefined
        ? { kind: 'loaded' }
        : { kind: 'view_failed', message: failure.message }
    },
  }
}

function wake(at: Position, sequence: number): void {
  for (const waiter of at.waiting) {
    if (waiter.sequence > sequence) continue
    at.waiting.delete(waiter)
    waiter.resolve()
  }
}

function reached(at: Position, sequence: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const waiter = {
      sequence,
      resolve: () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      },
    }
    const onAbort = (): void => {
      at.waiting.delete(waiter)
      reject(
        fault('server.busy', {
          public: 'The events are stored but not yet written to the data source.',
        }),
      )
    }
    if (signal.aborted) {
      onAbort()
      return
    }
    at.waiting.add(waiter)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
