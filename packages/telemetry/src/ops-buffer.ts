// Rows of the service data sources between the place where something happened and the event log. Nobody waits for it: rows are kept
// in bounded memory, written together about once a second, and counted when there is no room for them.
import type { OpsRow } from './ops-rows.ts'

/** Lines of one table, written as one. */
export interface OpsLines {
  readonly table: OpsRow['table']
  /** NDJSON, each line ended. */
  readonly lines: string
  readonly rows: number
}

/** What became of the rows since the start. */
export interface OpsCounters {
  taken: number
  written: number
  /** Left out: there was no room. */
  dropped: number
  /** Failed writes; their rows are tried again. */
  failedWrites: number
}

/** Bounds of the buffer. */
export interface OpsBufferOptions {
  /** Rows and characters kept at most; default 20,000 and 16 Mi. Above either, new rows are dropped. */
  readonly rowsMax?: number
  readonly charactersMax?: number
  /** Rows that are written at once; default 2,000. */
  readonly flushRows?: number
  /** Milliseconds a row waits for company; default 1,000. A failed write is tried again after ever longer, up to 30 times that. */
  readonly flushMs?: number
}

/** A bounded, batching way to the event log. */
export interface OpsBuffer {
  /** Takes one row; never throws, never waits. */
  add(row: OpsRow): void
  /** Writes what waits now; resolves when that has been tried once. */
  flush(): Promise<void>
  readonly counters: Readonly<OpsCounters>
  /** Writes what waits, once, and takes nothing more. */
  close(): Promise<void>
}

/** Makes the buffer. @param write stores lines; when it rejects, nothing of them may have been stored. */
export function createOpsBuffer(
  write: (lines: OpsLines) => Promise<void>,
  options: OpsBufferOptions = {},
): OpsBuffer {
  const flushRows = options.flushRows ?? 2_000
  const flushMs = options.flushMs ?? 1_000
  const counters: OpsCounters = { taken: 0, written: 0, dropped: 0, failedWrites: 0 }
  const waiting = createWaiting(options.rowsMax ?? 20_000, options.charactersMax ?? 16 * 1_048_576)
  let failures = 0
  let timer: NodeJS.Timeout | null = null
  let flushing: Promise<void> | null = null
  let isClosed = false

  function plan(ms: number): void {
    if (timer !== null || isClosed) return
    timer = setTimeout(() => {
      timer = null
      void flush()
    }, ms)
    timer.unref()
  }

  async function writeTable(table: OpsRow['table'], lines: string[]): Promise<void> {
    try {
      await write({ table, lines: `${lines.join('\n')}\n`, rows: lines.length })
    } catch {
      counters.failedWrites += 1
      failures += 1
      waiting.putBack(table, lines)
      return
    }
    failures = 0
    counters.written += lines.length
    waiting.gone(lines)
  }

  async function flushAll(): Promise<void> {
    // Not side by side: the log syncs them together or soon after each other, and order is easier to reason about.
    for (const [table, lines] of waiting.take()) await writeTable(table, lines)
  }

  function flush(): Promise<void> {
    flushing ??= flushAll().finally(() => {
      flushing = null
      if (waiting.rows() > 0) plan(flushMs * Math.min(30, 2 ** failures))
    })
    return flushing
  }

  return {
    counters,
    flush,
    add(row) {
      if (isClosed || !waiting.add(row)) {
        counters.dropped += 1
        return
      }
      counters.taken += 1
      if (waiting.rows() >= flushRows && failures === 0) void flush()
      else plan(flushMs)
    },
    async close() {
      if (timer !== null) clearTimeout(timer)
      timer = null
      await flushing
      isClosed = true
      await flushAll()
    },
  }
}

interface Waiting {
  /** False when there is no room. */
  add(row: OpsRow): boolean
  /** Everything, by table; it takes up room until it is gone. */
  take(): [OpsRow['table'], string[]][]
  putBack(table: OpsRow['table'], lines: readonly string[]): void
  gone(lines: readonly string[]): void
  rows(): number
}

function createWaiting(rowsMax: number, charactersMax: number): Waiting {
  const tables = new Map<OpsRow['table'], string[]>()
  let rows = 0
  let characters = 0
  return {
    rows: () => rows,
    add({ table, json }) {
      if (rows >= rowsMax || characters + json.length > charactersMax) return false
      rows += 1
      characters += json.length
      const lines = tables.get(table)
      if (lines === undefined) tables.set(table, [json])
      else lines.push(json)
      return true
    },
    take() {
      const all = [...tables]
      tables.clear()
      return all
    },
    putBack(table, lines) {
      tables.set(table, [...lines, ...(tables.get(table) ?? [])])
    },
    gone(lines) {
      rows -= lines.length
      for (const line of lines) characters -= line.length
    },
  }
}
