// The newest keys, in memory: those in the journal, and behind them those that wait for it.
import { HEX_DIGITS } from './key-id.ts'
import {
  decodeRecord,
  encodeRecord,
  type Group,
  groupAt,
  Groups,
  type KeyEntry,
  RECORD_BYTES,
  sequenceAt,
} from './key-record.ts'

const FIRST_BYTES = 64 * RECORD_BYTES

export class RecentKeys {
  readonly groups = new Groups()
  private bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES)
  private readonly positions = new Map<string, number>()
  private length = 0

  get count(): number {
    return this.length
  }

  /** @returns false when it has this very key already: its frame was read from the log once more. */
  add(entry: KeyEntry): boolean {
    const known = this.positions.get(entry.id)
    if (known !== undefined && sequenceAt(this.bytes, known) === entry.sequence) return false
    const group = this.groups.numberOf([entry.id.slice(0, HEX_DIGITS), entry.dataSourceId])
    const at = this.grown(entry.id)
    encodeRecord(entry, group, this.bytes, at)
    return true
  }

  get(id: string): KeyEntry | null {
    const at = this.positions.get(id)
    return at === undefined ? null : decodeRecord(this.bytes, at, this.groupOf(this.bytes, at))
  }

  /** The bytes of the records from the first-th to before the end-th, in the order in which they came. */
  records(first: number, end: number): Buffer {
    return this.bytes.subarray(first * RECORD_BYTES, end * RECORD_BYTES)
  }

  /** Every key, in the order in which they came. */
  *entries(): Generator<KeyEntry> {
    for (let at = 0; at < this.length * RECORD_BYTES; at += RECORD_BYTES)
      yield decodeRecord(this.bytes, at, this.groupOf(this.bytes, at))
  }

  /** Takes up records that were written before. */
  load(records: Buffer, groups: readonly Group[]): void {
    for (let at = 0; at < records.length; at += RECORD_BYTES)
      this.add(decodeRecord(records, at, groups[groupAt(records, at)] ?? ['', '']))
  }

  /** The keys behind the first `count`, alone. */
  after(count: number): RecentKeys {
    const rest = new RecentKeys()
    rest.load(this.records(count, this.length), this.groups.list)
    return rest
  }

  private groupOf(bytes: Buffer, at: number): Group {
    return this.groups.list[groupAt(bytes, at)] ?? ['', '']
  }

  /** A place for one more record. */
  private grown(id: string): number {
    const at = this.length * RECORD_BYTES
    if (at === this.bytes.length) {
      const larger = Buffer.allocUnsafe(at * 2)
      this.bytes.copy(larger)
      this.bytes = larger
    }
    this.positions.set(id, at)
    this.length += 1
    return at
  }
}
