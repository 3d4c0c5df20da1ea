// Records of one partition that were fetched and are not yet in a frame, in order.
import type { FetchedBatch, KafkaRecord } from '@sandpiper/kafka'

interface Waiting {
  readonly batch: FetchedBatch
  /** The first record that was not taken. */
  at: number
}

/** `next` is the offset behind the records. */
interface Taken {
  readonly records: readonly KafkaRecord[]
  readonly next: number
  readonly bytes: number
}

export class WaitingRecords {
  private line: Waiting[] = []
  private held = 0

  /** Bytes of the records, as `recordBytes` counts them. */
  get bytes(): number {
    return this.held
  }

  isEmpty(): boolean {
    return this.line.length === 0
  }

  /** @returns bytes that are held by it. */
  push(batch: FetchedBatch): number {
    const bytes = batch.records.reduce((sum, record) => sum + recordBytes(record), 0)
    this.line.push({ batch, at: 0 })
    this.held += bytes
    return bytes
  }

  /** The next records of one batch, at most so many, and no more bytes than that but for one; null when there is nothing more. */
  take(recordsMax: number, bytesMax: number): Taken | null {
    const [first] = this.line
    if (first === undefined) return null
    const { batch, at } = first
    let bytes = 0
    let end = at
    while (end < batch.records.length && end - at < recordsMax && bytes < bytesMax) {
      const record = batch.records[end]
      if (record !== undefined) bytes += recordBytes(record)
      end += 1
    }
    const records = batch.records.slice(at, end)
    first.at = end
    const isLast = end >= batch.records.length
    if (isLast) this.line.shift()
    this.held -= bytes
    const last = records.at(-1)
    return { records, next: isLast || last === undefined ? batch.next : last.offset + 1, bytes }
  }

  /** @returns bytes that were held. */
  clear(): number {
    const { held } = this
    this.line = []
    this.held = 0
    return held
  }
}

/** Beside its bytes a record in memory takes this much. */
export const RECORD_OVERHEAD_BYTES = 200

/** What a record takes in memory, about. */
function recordBytes({ key, value, headers }: KafkaRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0)
  for (const [name, content] of headers) bytes += name.length + content.length
  return bytes
}
