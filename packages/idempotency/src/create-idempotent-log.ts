// Appends under keys. A key is held from its claim until the frame is durable and known to the index; the index is written behind.
import { assert } from '@sandpiper/assert'
import type { EventLog, NewFrame } from '@sandpiper/eventlog'
import { type Fault, fault } from '@sandpiper/faults'
import type { Logger } from '@sandpiper/telemetry'
import type {
  Claim,
  Claimed,
  IdempotencyCounters,
  IdempotentLog,
  KeyedBody,
  Remembered,
} from './idempotent-log.ts'
import type { CatchUp } from './catch-up.ts'
import { frameHash, idOf, keyHashOf } from './key-id.ts'
import { type KeyIndex, unknownKey } from './key-index.ts'
import { writeBehind, type WriteBehind } from './write-behind.ts'

/** What appends under keys need of an index. */
export type UsedIndex = Pick<
  KeyIndex,
  'find' | 'add' | 'isFull' | 'pendingCount' | 'upTo' | 'counters' | 'flush' | 'close'
>

interface Deps {
  readonly index: UsedIndex
  readonly log: Pick<EventLog, 'append' | 'durable'>
  readonly logger: Logger
  readonly caughtUp: Pick<CatchUp, 'unread' | 'lostFrames' | 'close'>
}

/** Longest wait for another request with the same key. */
const HELD_WAIT_MS = 10_000

/** A key in use. */
interface Holder {
  /** Resolves when the key was stored or released. */
  readonly settled: Promise<void>
  settle(): void
  /** While it appends: its sequence will be above this one. */
  above: number | null
}

export function createIdempotentLog(deps: Deps): IdempotentLog {
  return new KeyedAppends(deps)
}

class KeyedAppends implements IdempotentLog {
  private readonly deps: Deps
  private readonly holders = new Map<string, Holder>()
  private readonly counts = { firsts: 0, replays: 0, conflicts: 0 }
  private readonly behind: WriteBehind
  private closing: Promise<void> | null = null

  constructor(deps: Deps) {
    this.deps = deps
    this.behind = writeBehind(deps.index, () => this.coveredUpTo(), deps.logger)
  }

  async claim(keyed: KeyedBody, signal: AbortSignal): Promise<Claim> {
    const keyHash = keyHashOf(keyed.space ?? 'internal', keyed.key)
    const id = idOf(keyed.workspaceId, keyHash)
    const key = { keyHash, bodyHash: keyed.bodyHash }
    let deadline: AbortSignal | null = null
    for (;;) {
      if (this.closing !== null) throw busy('The server is stopping.')
      const holder = this.holders.get(id)
      // From here to the hold nothing is awaited.
      if (holder === undefined) break
      deadline ??= AbortSignal.any([signal, AbortSignal.timeout(HELD_WAIT_MS)])
      await settledOrAborted(holder.settled, deadline)
      if (deadline.aborted)
        throw busy('Another request with this Idempotency-Key is still being stored. Try again.')
    }
    const first = this.deps.index.find(id)
    if (!(first instanceof Promise))
      return first === null ? this.firstUse(this.hold(id, key)) : this.replayOf(first, keyed)
    // It is read from a file: nobody else takes the key meanwhile.
    const claimed = this.hold(id, key)
    try {
      const read = await this.inTime(first, signal)
      if (read === null) return this.firstUse(claimed)
      claimed.release()
      return this.replayOf(read, keyed)
    } catch (error) {
      claimed.release()
      throw error
    }
  }

  async appendOnce(
    frame: NewFrame,
    keyed: KeyedBody,
    signal: AbortSignal,
  ): Promise<Remembered & { isReplay: boolean }> {
    const claimed = await this.claim(keyed, signal)
    if (claimed.kind === 'replayed') return { ...claimed.first, isReplay: true }
    return { ...(await claimed.append(frame)), isReplay: false }
  }

  keepFrom(): number {
    return this.deps.index.upTo() + 1
  }

  counters(): IdempotencyCounters {
    const { index, caughtUp } = this.deps
    const { lostFrames } = caughtUp
    return { ...this.counts, ...index.counters, lostFrames, pending: index.pendingCount() }
  }

  close(): Promise<void> {
    return (this.closing ??= this.end())
  }

  private async end(): Promise<void> {
    await Promise.all([...this.holders.values()].map((holder) => holder.settled))
    await this.deps.caughtUp.close()
    await this.behind.close()
  }

  /** Every frame with a key up to here is in the index. */
  private coveredUpTo(): number {
    const { log, caughtUp } = this.deps
    const durable = log.durable()
    let covered = caughtUp.unread === null ? durable : Math.min(durable, caughtUp.unread - 1)
    for (const { above } of this.holders.values())
      if (above !== null && above < covered) covered = above
    return covered
  }

  /** A disk that hangs keeps nobody for good. */
  private async inTime<Result>(read: Promise<Result>, signal: AbortSignal): Promise<Result> {
    let end: () => void = () => undefined
    const late = new Promise<null>((resolve) => {
      end = () => {
        resolve(null)
      }
    })
    const timer = setTimeout(end, HELD_WAIT_MS)
    signal.addEventListener('abort', end, { once: true })
    try {
      const done = await Promise.race([read.then((result) => ({ result })), late])
      if (done !== null) return done.result
      throw busy('What is remembered of this Idempotency-Key is still being read. Try again.')
    } catch (err) {
      this.deps.logger.warn({ err }, 'what is remembered of an idempotency key cannot be read')
      throw err
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
    }
  }

  private firstUse(claimed: Claimed): Claim {
    if (this.deps.index.isFull()) {
      claimed.release()
      throw busy('Too many idempotency keys wait for the disk. Try again.')
    }
    if (this.deps.caughtUp.unread !== null) {
      claimed.release()
      this.deps.index.counters.failedReads += 1
      throw unknownKey()
    }
    return { kind: 'first', ...claimed }
  }

  private replayOf(first: Remembered & { bodyHash: string }, keyed: KeyedBody): Claim {
    if (first.bodyHash !== keyed.bodyHash) {
      this.counts.conflicts += 1
      throw fault('request.conflict', {
        public:
          'This Idempotency-Key was used with another body or data source. Use a new key for new events. Nothing was stored.',
      })
    }
    this.counts.replays += 1
    return { kind: 'replayed', first }
  }

  private hold(id: string, key: { keyHash: string; bodyHash: string }): Claimed {
    const holder = createHolder()
    this.holders.set(id, holder)
    let isUsed = false
    const release = (): void => {
      if (this.holders.get(id) === holder) this.holders.delete(id)
      holder.settle()
    }
    return {
      append: async (frame) => {
        assert(
          !isUsed && this.holders.get(id) === holder,
          'a claim appends once, before its release',
        )
        isUsed = true
        try {
          return await this.store(id, key, holder, frame)
        } finally {
          release()
        }
      },
      release() {
        // What is being appended is settled by its end.
        if (!isUsed) release()
      },
    }
  }

  private async store(
    id: string,
    key: { keyHash: string; bodyHash: string },
    holder: Holder,
    frame: NewFrame,
  ): Promise<Remembered> {
    const { index, log } = this.deps
    holder.above = log.durable()
    const { dataSourceId, rowCount, refusedCount, arrivedAtMs } = frame
    const sequence = await log.append({ ...frame, idempotencyHash: frameHash(key) })
    const first = { sequence, dataSourceId, rowCount, refusedCount, arrivedAtMs }
    index.add({ ...first, id, bodyHash: key.bodyHash })
    this.counts.firsts += 1
    this.behind.soon()
    return first
  }
}

function createHolder(): Holder {
  let settle: () => void = () => undefined
  const settled = new Promise<void>((resolve) => {
    settle = resolve
  })
  return {
    settled,
    settle: () => {
      settle()
    },
    above: null,
  }
}

async function settledOrAborted(settled: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  let onAbort: () => void = () => undefined
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve
    signal.addEventListener('abort', onAbort, { once: true })
  })
  await Promise.race([settled, aborted])
  signal.removeEventListener('abort', onAbort)
}

function busy(text: string): Fault {
  return fault('server.busy', { public: text, headers: { 'Retry-After': '1' } })
}
