// A bounded line in front of a fixed number of places.
import { engineError } from './engine-error.ts'

export interface WaitingLine {
  /** A place, as soon as there is one. @throws EngineError when the line is full (202, 503) or the caller left. */
  take(signal: AbortSignal): Promise<string>
  giveBack(place: string): void
}

/** @param waitingMax callers in the line; one more is refused. */
export function createWaitingLine(places: readonly string[], waitingMax: number): WaitingLine {
  const free = [...places]
  const line: ((place: string) => void)[] = []

  function wait(signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        line.splice(line.indexOf(give), 1)
        reject(clientGone())
      }
      const give = (place: string): void => {
        signal.removeEventListener('abort', leave)
        resolve(place)
      }
      signal.addEventListener('abort', leave, { once: true })
      line.push(give)
    })
  }

  return {
    async take(signal) {
      if (signal.aborted) throw clientGone()
      const place = free.pop()
      if (place !== undefined) return place
      if (line.length >= waitingMax) {
        const text = 'Too many simultaneous queries. Try again later.'
        throw engineError('TOO_MANY_SIMULTANEOUS_QUERIES', text, 503)
      }
      return await wait(signal)
    },
    giveBack(place) {
      const next = line.shift()
      if (next === undefined) free.push(place)
      else next(place)
    },
  }
}

/** What a query is answered whose client left: nobody reads it. */
export function clientGone(): Error {
  return engineError('QUERY_WAS_CANCELLED', 'The client went away.')
}
