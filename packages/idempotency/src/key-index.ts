// The index of keys on disk, an LMDB environment. It follows the event log: what it holds is always complete up to one sequence, and
// what is lost above that is read from the log again. So no request waits for its sync.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Database, open, type RootDatabase } from 'lmdb'
import { assert } from '@sandpiper/assert'
import { fault } from '@sandpiper/faults'
import { decodeRecord, encodeRecord, type KeyEntry } from './key-record.ts'
import { HEX_DIGITS } from './key-id.ts'
import { orderKey, orderRange, sequenceOfOrderKey } from './order-key.ts'

/** How long and how many keys are remembered. */
export interface KeyRetention {
  /** Milliseconds from the arrival of the first request. */
  readonly ageMsMax: number
  /** Keys of one workspace; the oldest is forgotten first. */
  readonly keysMax: number
}

/** 7 days, 10 million keys per workspace. */
export const KEY_RETENTION: KeyRetention = { ageMsMax: 7 * 24 * 3_600_000, keysMax: 10_000_000 }

/** What the index did since it was opened. */
export interface KeyIndexCounters {
  forgottenEarly: number
  expired: number
  failedFlushes: number
}

/** Keys that wait to be written; about 400 bytes each. */
const PENDING_MAX = 100_000
/** Keys handed to LMDB per turn of the loop: about a millisecond. */
const PUTS_PER_TURN = 250
/** Keys of one commit: what is under way stays small. */
const COMMIT_KEYS = 2_000
/** Old keys removed per flush of one workspace, besides as many as were added. */
const FORGET_STEP = 500
/** Workspaces looked at for old keys per flush, besides those that got new ones. */
const LOOK_AROUND = 4

const UP_TO = Buffer.from('up to')

/** Opens or makes the index in `dir`. @throws what LMDB throws when the files cannot be used: see `openIdempotency`. */
export function openKeyIndex(options: {
  readonly dir: string
  readonly retention: KeyRetention
  /** Unix milliseconds. */
  readonly now: () => number
}): KeyIndex {
  const root: RootDatabase<Buffer, Buffer> = open<Buffer, Buffer>({
    path: options.dir,
    keyEncoding: 'binary',
    encoding: 'binary',
    // A commit is on disk when it resolves, meta page included.
    overlappingSync: false,
    noSubdir: false,
    maxDbs: 4,
    // Keys are found at random places: what lies beside them is of no use. (Missing in the types.)
    ...{ noReadAhead: true },
  })
  return new KeyIndex(root, options.retention, options.now)
}

type Table = Database<Buffer, Buffer>

/** One process at a time. */
export class KeyIndex {
  readonly counters: KeyIndexCounters = { forgottenEarly: 0, expired: 0, failedFlushes: 0 }
  private readonly root: RootDatabase<Buffer, Buffer>
  private readonly keys: Table
  /** Sequence order of each workspace's keys. */
  private readonly order: Table
  private readonly meta: Table
  private readonly retention: KeyRetention
  private readonly now: () => number
  /** In the order of their sequences. */
  private readonly pending = new Map<string, KeyEntry>()
  private readonly counts: Map<string, number>
  private durableUpTo: number
  private lookAt = 0

  constructor(root: RootDatabase<Buffer, Buffer>, retention: KeyRetention, now: () => number) {
    const table = (name: string): Table =>
      root.openDB<Buffer, Buffer>({ name, keyEncoding: 'binary', encoding: 'binary' })
    this.root = root
    this.keys = table('keys')
    this.order = table('order')
    this.meta = table('meta')
    this.retention = retention
    this.now = now
    this.durableUpTo = readCount(this.meta.get(UP_TO))
    this.counts = new Map(
      this.meta
        .getRange({ start: workspaceKey('0'.repeat(HEX_DIGITS)) })
        .filter(({ key }) => key.length === WORKSPACE_KEY_BYTES)
        .map(({ key, value }) => [key.toString('hex', 1), readCount(value)] as const),
    )
  }

  /** Every key of a frame up to here is in the index, durably. */
  upTo(): number {
    return this.durableUpTo
  }

  pendingCount(): number {
    return this.pending.size
  }

  /** Whether no further key should be taken: too many wait for the disk. */
  isFull(): boolean {
    return this.pending.size >= PENDING_MAX
  }

  /** What is remembered of the key; null when nothing is, or not any more. */
  find(id: string): KeyEntry | null {
    const entry = this.pending.get(id) ?? this.stored(id)
    if (entry === null || this.isOld(entry)) return null
    return entry
  }

  /** Takes up a key, in the order of the sequences. It is found at once, and durable after the next flush. */
  add(entry: KeyEntry): void {
    this.pending.delete(entry.id)
    this.pending.set(entry.id, entry)
  }

  /**
   * Writes what waits; afterwards the index is complete up to `upTo`. One call at a time.
   * @param upTo every frame with a key up to here was added.
   * @throws fault `log.unavailable` when the disk did not take it: everything still waits.
   */
  async flush(upTo: number): Promise<void> {
    const entries = [...this.pending.values()]
    if (entries.length === 0 && upTo <= this.durableUpTo) return
    try {
      await this.write(entries, Math.max(upTo, this.durableUpTo))
    } catch (error) {
      this.counters.failedFlushes += 1
      throw fault('log.unavailable', {
        public: 'The idempotency keys could not be written.',
        cause: await commitError(error),
      })
    }
    this.durableUpTo = Math.max(upTo, this.durableUpTo)
    for (const entry of entries)
      if (this.pending.get(entry.id) === entry) this.pending.delete(entry.id)
  }

  /** Reads and writes a little everywhere: what cannot be used ends here and not at a request. */
  async tryOut(): Promise<void> {
    for (const workspace of this.counts.keys()) {
      for (const { value } of this.order.getRange({ ...orderRange(workspace), limit: 1 }))
        this.stored(workspace + value.toString('hex'))
    }
    // On a full disk it is used all the same: what waits is written later.
    await this.meta.put(UP_TO, countBytes(this.durableUpTo)).catch(commitError)
  }

  async close(): Promise<void> {
    await this.root.close()
  }

  private async write(entries: readonly KeyEntry[], upTo: number): Promise<void> {
    const added = new Map<string, number>()
    const writes = new Writes()
    for (const [index, entry] of entries.entries()) {
      if (index % PUTS_PER_TURN === PUTS_PER_TURN - 1) await nextTurn()
      if (index % COMMIT_KEYS === COMMIT_KEYS - 1) await writes.done()
      const workspace = entry.id.slice(0, HEX_DIGITS)
      // A key may be added again after a crash: its frame is read from the log once more.
      if (this.stored(entry.id)?.sequence === entry.sequence) continue
      const id = Buffer.from(entry.id, 'hex')
      writes.add(this.keys.put(id, encodeRecord(entry)))
      writes.add(this.order.put(orderKey(workspace, entry.sequence), id.subarray(HEX_DIGITS / 2)))
      added.set(workspace, (added.get(workspace) ?? 0) + 1)
    }
    await writes.done()
    await this.forget(added)
    // Last: LMDB commits in the order of the calls, so this is never on disk without what it tells of.
    await this.meta.put(UP_TO, countBytes(upTo))
    await this.root.flushed
  }

  /** Removes old keys of the workspaces that got new ones, and of a few others. */
  private async forget(added: ReadonlyMap<string, number>): Promise<void> {
    const workspaces = [...this.counts.keys()]
    const around = Array.from(
      { length: Math.min(LOOK_AROUND, workspaces.length) },
      (_, index) => workspaces[(this.lookAt + index) % workspaces.length] ?? '',
    )
    this.lookAt += LOOK_AROUND
    for (const workspace of new Set([...added.keys(), ...around])) {
      const more = added.get(workspace) ?? 0
      const before = this.counts.get(workspace) ?? 0
      const removed = await this.forgetOf(workspace, before + more, more + FORGET_STEP)
      const count = Math.max(0, before + more - removed)
      if (count === before) continue
      await this.meta.put(workspaceKey(workspace), countBytes(count))
      this.counts.set(workspace, count)
    }
  }

  /** @param stepsMax how many keys are looked at. @returns how many places in the order were removed. */
  private async forgetOf(workspace: string, count: number, stepsMax: number): Promise<number> {
    const oldest = [...this.order.getRange({ ...orderRange(workspace), limit: stepsMax })]
    const writes = new Writes()
    let removed = 0
    for (const { key, value } of oldest) {
      const id = workspace + value.toString('hex')
      const entry = this.stored(id)
      // The key was used again after its time: this is the place of the former use.
      const isFormer = entry?.sequence !== sequenceOfOrderKey(key)
      const isOld = entry !== null && this.isOld(entry)
      if (!isFormer && !isOld && count - removed <= this.retention.keysMax) break
      if (!isFormer) {
        writes.add(this.keys.remove(Buffer.from(id, 'hex')))
        if (isOld) this.counters.expired += 1
        else this.counters.forgottenEarly += 1
      }
      writes.add(this.order.remove(key))
      removed += 1
      if (removed % PUTS_PER_TURN === 0) await nextTurn()
    }
    await writes.done()
    return removed
  }

  private stored(id: string): KeyEntry | null {
    const bytes = this.keys.get(Buffer.from(id, 'hex'))
    return bytes === undefined ? null : decodeRecord(id, bytes)
  }

  private isOld({ arrivedAtMs }: KeyEntry): boolean {
    return arrivedAtMs <= this.now() - this.retention.ageMsMax
  }
}

/** Writes under way. A failure is told by done(), however early it came. */
class Writes {
  private readonly all: Promise<unknown>[] = []

  add(write: Promise<unknown>): void {
    write.catch(() => undefined)
    this.all.push(write)
  }

  async done(): Promise<void> {
    await Promise.all(this.all.splice(0))
  }
}

/** LMDB hides the reason in a promise, which must be looked at: it would end the process otherwise. */
async function commitError(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  try {
    await Promise.race([error.commitError, nextTurn()])
    return error
  } catch (reason) {
    return reason
  }
}

const WORKSPACE_KEY_BYTES = 1 + HEX_DIGITS / 2

function workspaceKey(workspace: string): Buffer {
  return Buffer.concat([Buffer.from('w'), Buffer.from(workspace, 'hex')])
}

function countBytes(count: number): Buffer {
  assert(Number.isSafeInteger(count) && count >= 0, `${count} is no count`)
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(count))
  return bytes
}

function readCount(bytes: Buffer | undefined): number {
  return bytes?.length === 8 ? Number(bytes.readBigUInt64LE()) : 0
}
