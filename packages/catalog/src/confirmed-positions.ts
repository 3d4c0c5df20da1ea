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

/** Waits for nothing yet. */
export function createConfirmedPositions(database: Database, logger: Logger): ConfirmedPositions {
  return new Positions(database, logger)
}

class Positions implements ConfirmedPositions {
  private readonly database: Database
  private readonly logger: Logger
  private readonly upTo = new LRUCache<string, number>({ max: POSITIONS_MAX })
  /** Where a view failed since this process listens. */
  private readonly failed = new LRUCache<string, true>({ max: POSITIONS_MAX })
  private readonly passed = new Map<number, number>()
  private readonly waiters = new Set<Waiter>()
  private readonly timer: NodeJS.Timeout
  private isLooking = false

  constructor(database: Database, logger: Logger) {
    this.database = database
    this.logger = logger
    this.timer = setInterval(() => {
      this.look()
    }, LOOK_EVERY_MS)
    this.timer.unref()
  }

  async wait(place: LogPlace, signal: AbortSignal): Promise<ConfirmedOutcome> {
    const byNote = !this.isReached(place) && (await this.reached(place, signal))
    if (byNote && !this.failed.has(keyOf(place))) return { kind: 'loaded' }
    return this.outcomeOf(place)
  }

  heard(text: string): void {
    const note = JSON.parse(text) as ConfirmedNote
    for (const [dataSourceId, to, hasFailed] of note.d) {
      const key = keyOf({ partition: note.p, dataSourceId })
      this.upTo.set(key, Math.max(this.upTo.get(key) ?? 0, to))
      if (hasFailed === 1) this.failed.set(key, true)
    }
    this.raise(note.p, note.r)
    this.wake(true)
  }

  look(): void {
    if (this.isLooking || this.waiters.size === 0) return
    this.isLooking = true
    this.lookNow()
      .catch((err: unknown) => {
        this.logger.warn({ err: briefError(err) }, 'cannot see yet what is loaded')
      })
      .finally(() => (this.isLooking = false))
  }

  close(): void {
    clearInterval(this.timer)
  }

  private isReached(place: LogPlace): boolean {
    const passed = this.passed.get(place.partition) ?? 0
    return Math.max(this.upTo.get(keyOf(place)) ?? 0, passed) >= place.sequence
  }

  private raise(partition: number, readFrom: number): void {
    this.passed.set(partition, Math.max(this.passed.get(partition) ?? 0, readFrom - 1))
  }

  private wake(byNote: boolean): void {
    for (const waiter of this.waiters) if (this.isReached(waiter.place)) waiter.resolve(byNote)
  }

  private async lookNow(): Promise<void> {
    const ids = [...new Set([...this.waiters].map(({ place }) => place.dataSourceId))]
    const states = await this.database.rows<{ log_partition: number; read_from: string }>(
      'SELECT log_partition, read_from FROM writer_state',
    )
    const rows = await this.database.rows<{ id: string; log_partition: number; up_to: string }>(
      `SELECT data_source_id AS id, log_partition, loaded_up_to AS up_to FROM writer_progress WHERE data_source_id = ANY ($1::text[])`,
      [ids],
    )
    for (const row of states) this.raise(row.log_partition, Number(row.read_from))
    for (const row of rows) {
      const key = keyOf({ partition: row.log_partition, dataSourceId: row.id })
      this.upTo.set(key, Math.max(this.upTo.get(key) ?? 0, Number(row.up_to)))
    }
    this.wake(false)
  }

  /** Resolves with whether a note told it: then it also told whether a view failed. */
  private reached(place: LogPlace, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.waiters.delete(waiter)
        signal.removeEventListener('abort', onAbort)
      }
      const onAbort = (): void => {
        end()
        const text = 'The events are stored but not yet written to the data source.'
        reject(fault('server.busy', { public: text }))
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
      this.waiters.add(waiter)
      signal.addEventListener('abort', onAbort, { once: true })
      this.look()
    })
  }

  private async outcomeOf({ dataSourceId, sequence }: LogPlace): Promise<ConfirmedOutcome> {
    const [row] = await this.database.rows<{ message: string }>(
      `SELECT message FROM writer_missing WHERE data_source_id = $1 AND from_sequence <= $2 AND to_sequence >= $2 LIMIT 1`,
      [dataSourceId, sequence],
    )
    return row === undefined ? { kind: 'loaded' } : { kind: 'view_failed', message: row.message }
  }
}

function keyOf({ partition, dataSourceId }: Omit<LogPlace, 'sequence'>): string {
  return `${partition} ${dataSourceId}`
}
