// Shows events to who watches a data source, as they are taken. Whoever takes events hands them over and goes on: nothing is looked at
// while nobody watches, and of a flood only so much that a person could read. What is shown is a sample, never a way to count on.
import { fault } from '@sandpiper/faults'

/** Events of one request, durable by now. Both buffers are lines of JSON. */
export interface TakenRows {
  readonly workspaceId: string
  readonly dataSourceId: string
  /** Unix milliseconds. */
  readonly arrivedAtMs: number
  readonly rows: Buffer
  readonly rowCount: number
  readonly refused: Buffer
  readonly refusedCount: number
}

/** What one watcher gets. */
export interface Tail {
  /** What came since the last call as the JSON of a TailBatch; null when nothing came. Makes room for as much again. */
  take(): string | null
  /** Idempotent. */
  close(): void
}

/** What is watched, and who does. */
interface Watched extends Pick<TakenRows, 'workspaceId' | 'dataSourceId'> {
  /** The same for all tails of one token. */
  readonly tokenKey: string
}

export interface EventTap {
  /** Called for each request; returns at once and never throws. */
  taken(rows: TakenRows): void
  /**
   * Begins to watch. @param what of a branch the main workspace, whose places it takes; and whose token it is. @param onEnd called once when the server stops.
   * @throws fault `limit.rate` (429) when as many watch already.
   */
  watch(what: Watched, onEnd: () => void): Tail
  /** Ends all tails. */
  close(): void
  readonly counters: { readonly tails: number; readonly refused: number }
}

export interface TapLimits {
  readonly tailsMax: number
  readonly tailsPerWorkspaceMax: number
  readonly tailsPerTokenMax: number
  /** Rows between two calls of take(). */
  readonly rowsMax: number
  /** Characters of them together. */
  readonly charactersMax: number
  /** Characters of one; of a longer one the beginning is shown. */
  readonly rowCharactersMax: number
}

/** A hundred tails, twenty of one workspace, ten of one token; 50 rows and 256 KiB at a time, 8 KiB a row. */
export const TAP_LIMITS: TapLimits = {
  tailsMax: 100,
  tailsPerWorkspaceMax: 20,
  tailsPerTokenMax: 10,
  rowsMax: 50,
  charactersMax: 256 * 1024,
  rowCharactersMax: 8 * 1024,
}

interface Watcher extends Tail {
  readonly workspaceId: string
  readonly tokenKey: string
  see(rows: TakenRows): void
  readonly onEnd: () => void
}

/** Makes the one of a server. */
export function createEventTap(limits: TapLimits = TAP_LIMITS): EventTap {
  const byDataSource = new Map<string, Set<Watcher>>()
  const counters = { tails: 0, refused: 0 }
  const all = (): Watcher[] => [...byDataSource.values()].flatMap((each) => [...each])

  function refuseWithoutRoom({ workspaceId, tokenKey }: Watched): void {
    const own = all().filter((each) => each.workspaceId === workspaceId)
    const ofToken = own.filter((each) => each.tokenKey === tokenKey)
    const hasRoom = counters.tails < limits.tailsMax && own.length < limits.tailsPerWorkspaceMax
    if (hasRoom && ofToken.length < limits.tailsPerTokenMax) return
    counters.refused += 1
    throw fault('limit.rate', {
      public: `As many live tails are open as there may be: ${limits.tailsPerTokenMax} of a token, ${limits.tailsPerWorkspaceMax} of a workspace, ${limits.tailsMax} of the server. Close one and try again.`,
      headers: { 'Retry-After': '5' },
    })
  }

  return {
    counters,
    taken(rows) {
      // The way of every event: most of the time this is all.
      if (counters.tails === 0) return
      const watchers = byDataSource.get(rows.dataSourceId)
      if (watchers !== undefined) for (const each of watchers) each.see(rows)
    },
    watch(what, onEnd) {
      refuseWithoutRoom(what)
      const { workspaceId, dataSourceId, tokenKey } = what
      const watchers = byDataSource.get(dataSourceId) ?? new Set()
      const sample = createSample(limits)
      const watcher: Watcher = {
        ...{ workspaceId, tokenKey, onEnd, see: sample.see, take: sample.take },
        close() {
          if (!watchers.delete(watcher)) return
          counters.tails -= 1
          if (watchers.size === 0) byDataSource.delete(dataSourceId)
        },
      }
      watchers.add(watcher)
      byDataSource.set(dataSourceId, watchers)
      counters.tails += 1
      return watcher
    },
    close() {
      for (const each of all()) {
        each.close()
        each.onEnd()
      }
    },
  }
}

/** What one watcher has not been given yet, within its bounds. */
function createSample(limits: TapLimits): Pick<Watcher, 'see' | 'take'> {
  let shown: string[] = []
  let characters = 0
  let accepted = 0
  let refused = 0

  function show(lines: Buffer, count: number, kind: 'row' | 'refused', at: string): void {
    let from = 0
    for (let n = 0; n < count && from < lines.length; n++) {
      if (shown.length >= limits.rowsMax || characters >= limits.charactersMax) return
      const newline = lines.indexOf(NEWLINE, from)
      const to = newline === -1 ? lines.length : newline
      const text = shownRow(lines.subarray(from, to), { kind, at, limits })
      shown.push(text)
      characters += text.length
      from = to + 1
    }
  }

  return {
    see(taken) {
      accepted += taken.rowCount
      refused += taken.refusedCount
      if (shown.length >= limits.rowsMax) return
      const at = JSON.stringify(new Date(taken.arrivedAtMs).toISOString())
      // First what went wrong: it is rarer, and what people look for.
      show(taken.refused, taken.refusedCount, 'refused', at)
      show(taken.rows, taken.rowCount, 'row', at)
    },
    take() {
      if (accepted + refused === 0) return null
      const dropped = accepted + refused - shown.length
      const batch = `{"accepted":${accepted},"refused":${refused},"dropped":${dropped},"rows":[${shown.join(',')}]}`
      shown = []
      characters = accepted = refused = 0
      return batch
    },
  }
}

const NEWLINE = 10

function shownRow(
  line: Buffer,
  { kind, at, limits }: { kind: 'row' | 'refused'; at: string; limits: TapLimits },
): string {
  if (line.length <= limits.rowCharactersMax) {
    // A line is JSON already. Where it may break, an event of the stream would.
    return `{"at":${at},"${kind}":${line.toString('utf8').replaceAll(/[\r\n]/g, ' ')}}`
  }
  const cut = line.subarray(0, limits.rowCharactersMax).toString('utf8')
  return `{"at":${at},"cut":${JSON.stringify(cut)}}`
}
