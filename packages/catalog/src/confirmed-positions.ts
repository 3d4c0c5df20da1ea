// Up to where data sources are loaded, for those who wait, where the writer is another process: notes in the confirming transaction make
// it quick, the progress in the catalog makes it true. Whoever waits looks there at once, and again every second.
import { fault } from '@sandpiper/faults'
import { briefError, type Logger } from '@sandpiper/telemetry'
import { LRUCache } from 'lru-cache'

import type { ConfirmedNote } from './confirmed-notes.ts'
import type { Database } from './database.ts'

/** What became of rows: in every target, or not in those of a view that threw. */
export type ConfirmedOutcome =
  { readonly kind: 'loaded' } | { readonly kind: 'view_failed'; readonly message: string }

/** A place in the log. */
export interface LogPlace {
  readonly partition: number
  readonly dataSourceId: string
  readonly sequence: number
}

export interface ConfirmedPositions {
  /** @throws fault `server.busy` (503) when the signal aborts first. */
  wait(place: LogPlace, signal: AbortSignal): Promise<ConfirmedOutcome>
  /** Takes the text of a note. */
  heard(text: string): void
  /** Looks in the catalog, when somebody waits. */
  look(): void
  close(): void
}

const LOOK_EVERY_MS = 1_000
const POSITIONS_MAX = 100_000

interface Waiter {
  readonly place: LogPlace
  resolve(byNote: boolean): void
}

export function createConfirmedPositions(database: Database, logger: Logger): ConfirmedPositions {
  const upTo = new LRUCache<string, number>({ max: POSITIONS_MAX })
  /** Where a view failed since this process listens. */
  const failed = new LRUCache<string, true>({ max: POSITIONS_MAX })
  const passed = new Map<number, number>()
  const waiters = new Set<Waiter>()
  let isLooking = false

  const keyOf = ({ partition, dataSourceId }: Omit<LogPlace, 'sequence'>): string =>
    `${partition} ${dataSourceId}`
  const isReached = (place: LogPlace): boolean =>
    Math.max(upTo.get(keyOf(place)) ?? 0, passed.get(place.partition) ?? 0) >= place.sequence

  function raise(partition: number, readFrom: number): void {
    passed.set(partition, Math.max(passed.get(partition) ?? 0, readFrom - 1))
  }

  function wake(byNote: boolean): void {
    for (const waiter of waiters) if (isReached(waiter.place)) waiter.resolve(byNote)
  }

  async function lookNow(): Promise<void> {
    const ids = [...new Set([...waiters].map(({ place }) => place.dataSourceId))]
    const states = await database.rows<{ log_partition: number; read_from: string }>(
      'SELECT log_partition, read_from FROM writer_state',
    )
    const rows = await database.rows<{ id: string; log_partition: number; up_to: string }>(
      `SELECT data_source_id AS id, log_partition, loaded_up_to AS up_to FROM writer_progress WHERE data_source_id = ANY ($1::text[])`,
      [ids],
    )
    for (const row of states) raise(row.log_partition, Number(row.read_from))
    for (const row of rows) {
      const key = keyOf({ partition: row.log_partition, dataSourceId: row.id })
      upTo.set(key, Math.max(upTo.get(key) ?? 0, Number(row.up_to)))
    }
    wake(false)
  }

  function look(): void {
    if (isLooking || waiters.size === 0) return
    isLooking = true
    lookNow()
      .catch((err: unknown) => {
        logger.warn({ err: briefError(err) }, 'cannot see yet what is loaded')
      })
      .finally(() => (isLooking = false))
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  timer.unref()

  /** Resolves with whether a note told it: then it also told whether a view failed. */
  function reached(place: LogPlace, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        waiters.delete(waiter)
        signal.removeEventListener('abort', onAbort)
      }
      const onAbort = (): void => {
        end()
        reject(
          fault('server.busy', {
            public: 'The events are stored but not yet written to the data source.',
          }),
        )
      }
      const waiter: Waiter = {
        place,
        resolve(byNote) {
          end()
          resolve(byNote)
        },
      }
      if (signal.aborted) {
        onAbort()
        return
      }
      waiters.add(waiter)
      signal.addEventListener('abort', onAbort, { once: true })
      look()
    })
  }

  async function outcomeOf({ dataSourceId, sequence }: LogPlace): Promise<ConfirmedOutcome> {
    const [row] = await database.rows<{ message: string }>(
      `SELECT message FROM writer_missing WHERE data_source_id = $1 AND from_sequence <= $2 AND to_sequence >= $2 LIMIT 1`,
      [dataSourceId, sequence],
    )
    return row === undefined ? { kind: 'loaded' } : { kind: 'view_failed', message: row.message }
  }

  return {
    async wait(place, signal) {
      const byNote = !isReached(place) && (await reached(place, signal))
      if (byNote && !failed.has(keyOf(place))) return { kind: 'loaded' }
      return outcomeOf(place)
    },
    heard(text) {
      const note = JSON.parse(text) as ConfirmedNote
      for (const [dataSourceId, to, hasFailed] of note.d) {
        const key = keyOf({ partition: note.p, dataSourceId })
        upTo.set(key, Math.max(upTo.get(key) ?? 0, to))
        if (hasFailed === 1) failed.set(key, true)
      }
      raise(note.p, note.r)
      wake(true)
    },
    look,
    close: () => {
      clearInterval(timer)
    },
  }
}
