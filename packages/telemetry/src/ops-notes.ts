// How rows of the service data sources come from another process to the one that writes them: in notes of bounded size, a few times
// a second at most, and left out and counted when the way is blocked for long.
import type { OpsRow } from './ops-rows.ts'

/** Below what the link carries, quoting included. */
const NOTE_CHARACTERS_MAX = 20_000
const ROWS_MAX = 5_000
const CHARACTERS_MAX = 4 * 1_048_576
const SEND_EVERY_MS = 200

/** What became of the rows since the start. */
export interface OpsSenderCounters {
  sent: number
  /** Left out: there was no room, or the row alone is larger than a note. */
  dropped: number
}

/** Takes rows and sends them on. */
export interface OpsSender {
  /** Never throws, never waits. */
  add(row: OpsRow): void
  /** Sends what waits now, as far as it goes. */
  flush(): void
  readonly counters: Readonly<OpsSenderCounters>
}

/** Makes the sending end. @param send gives false when nothing was sent; the same rows are tried again soon. */
export function createOpsSender(send: (note: object) => boolean): OpsSender {
  const counters: OpsSenderCounters = { sent: 0, dropped: 0 }
  let waiting: OpsRow[] = []
  let characters = 0
  let timer: NodeJS.Timeout | null = null

  function plan(): void {
    timer ??= setTimeout(() => {
      timer = null
      flush()
    }, SEND_EVERY_MS)
    timer.unref()
  }

  function flush(): void {
    while (waiting.length > 0) {
      const rows = firstNote(waiting)
      if (!send(toNote(rows))) {
        plan()
        return
      }
      waiting = waiting.slice(rows.length)
      for (const { json } of rows) characters -= json.length
      counters.sent += rows.length
    }
  }

  return {
    counters,
    flush,
    add(row) {
      const size = row.json.length
      const isFull = waiting.length >= ROWS_MAX || characters + size > CHARACTERS_MAX
      if (isFull || quotedLength(row) > NOTE_CHARACTERS_MAX) {
        counters.dropped += 1
        return
      }
      waiting.push(row)
      characters += size
      plan()
    },
  }
}

/** The rows in a note of createOpsSender(); null when it is another note. */
export function opsRowsOf(note: unknown): OpsRow[] | null {
  const { topic, rows } = Object(note) as Partial<Record<string, unknown>>
  if (topic !== 'ops' || !Array.isArray(rows)) return null
  return rows.flatMap((row: unknown) => {
    const [table, json] = Array.isArray(row) ? (row as unknown[]) : []
    return isTable(table) && typeof json === 'string' ? [{ table, json }] : []
  })
}

const TABLES: ReadonlySet<string> = new Set<OpsRow['table']>([
  ...(['datasources_ops_log', 'block_log', 'datasources_storage', 'jobs_log'] as const),
])

function isTable(value: unknown): value is OpsRow['table'] {
  return typeof value === 'string' && TABLES.has(value)
}

function firstNote(waiting: readonly OpsRow[]): OpsRow[] {
  let size = 0
  const end = waiting.findIndex((row) => (size += quotedLength(row)) > NOTE_CHARACTERS_MAX)
  return waiting.slice(0, end === -1 ? waiting.length : Math.max(1, end))
}

function toNote(rows: readonly OpsRow[]): object {
  return { topic: 'ops', rows: rows.map(({ table, json }) => [table, json]) }
}

/** Bytes of the row inside of a note: quotes are escaped again, and a character may take three bytes. */
function quotedLength({ table, json }: OpsRow): number {
  return Buffer.byteLength(JSON.stringify(json)) + table.length + 8
}
