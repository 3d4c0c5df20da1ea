// The copy of one partition: records in, frames of the local log out, one after the other. A record's sequence is its offset and 1, so
// every record becomes a frame, also one that says nothing any more.
import type { KeyedFrame, LogKeys } from '@sandpiper/catalog'
import { decodeFrame, type EventLog, type NewFrame } from '@sandpiper/eventlog'
import type { KafkaRecord } from '@sandpiper/kafka'
import { briefError, type Logger } from '@sandpiper/telemetry'

import type { MirrorCounters } from './mirror-counters.ts'

export interface PartitionCopy {
  /** Takes records in their order; those it has already are passed over. */
  take(records: readonly KafkaRecord[]): void
  /** The first offset that was not taken. */
  nextOffset(): number
  /** Too much waits to be written: no more is to be fetched until `onRoom`. */
  isFull(): boolean
  readonly failed: Promise<void>
  /** Resolves when nothing of it is written any more. */
  stop(): Promise<void>
}

interface CopyDeps {
  readonly log: Pick<EventLog, 'append'>
  readonly keys: Pick<LogKeys, 'note'>
  readonly keysMs: number
  /** From 0. */
  readonly partition: number
  /** First sequence. */
  readonly from: number
  readonly counters: MirrorCounters
  readonly logger: Logger
  readonly onRoom: () => void
}

const WAITING_BYTES_MAX = 32 * 1024 * 1024
const RECORDS_AT_ONCE = 1_000
const TRY_AGAIN_MS = 500

export function createPartitionCopy(deps: CopyDeps): PartitionCopy {
  const { partition, logger } = deps
  let waiting: KafkaRecord[] = []
  let bytes = 0
  let next = deps.from - 1
  let wasFull = false
  let isStopped = false
  let running: Promise<void> | null = null
  let fail: () => void = () => undefined
  const failed = new Promise<void>((resolve) => (fail = resolve))

  function end(err: unknown): void {
    isStopped = true
    logger.error({ err: briefError(err), partition }, 'the copy of a partition is begun anew')
    fail()
  }

  async function run(): Promise<void> {
    while (waiting.length > 0 && !isStopped) {
      const records = waiting.slice(0, RECORDS_AT_ONCE)
      const repeated = await noteKeys(deps, records, () => isStopped)
      if (repeated === null) break
      try {
        await write(deps, records, repeated)
      } catch (err) {
        // Some may be written and some not: what follows would have other numbers.
        end(err)
        break
      }
      waiting = waiting.slice(records.length)
      for (const record of records) bytes -= sizeOf(record)
      if (wasFull && bytes < WAITING_BYTES_MAX / 2) {
        wasFull = false
        deps.onRoom()
      }
    }
    running = null
  }

  return {
    failed,
    take(records) {
      for (const record of records) {
        if (isStopped || record.offset < next) continue
        if (record.offset > next) {
          deps.counters.lost += record.offset - next
          const about = { partition, from: next, to: record.offset - 1 }
          logger.error(about, 'Kafka no longer has records of the log that were not copied')
          isStopped = true
          fail()
          return
        }
        next = record.offset + 1
        bytes += sizeOf(record)
        waiting.push(record)
      }
      // Who is full stays so until onRoom: a fetch that was under way may bring some more.
      wasFull ||= bytes > WAITING_BYTES_MAX
      running ??= run()
    },
    nextOffset: () => next,
    isFull: () => wasFull,
    async stop() {
      isStopped = true
      await running
    },
  }
}

function sizeOf({ value }: KafkaRecord): number {
  return (value?.length ?? 0) + 100
}

/** Tries until the catalog answers; null when stopped first. */
async function noteKeys(
  deps: CopyDeps,
  records: readonly KafkaRecord[],
  isStopped: () => boolean,
): Promise<ReadonlySet<number> | null> {
  const keyed = records.flatMap((record) => keyOf(record))
  while (!isStopped()) {
    try {
      return await deps.keys.note(deps.partition + 1, keyed, deps.keysMs)
    } catch (err) {
      const about = { err: briefError(err), partition: deps.partition }
      deps.logger.warn(about, 'the log in Kafka waits for the catalog')
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS))
    }
  }
  return null
}

async function write(
  deps: CopyDeps,
  records: readonly KafkaRecord[],
  repeated: ReadonlySet<number>,
): Promise<void> {
  await Promise.all(
    records.map(async (record) => {
      const sequence = sequenceOf(record)
      const isRepeated = repeated.has(sequence)
      if (isRepeated) deps.counters.repeated += 1
      const frame = frameOf(deps, record)
      const written = await deps.log.append(isRepeated ? withoutRows(frame) : frame)
      if (written !== sequence) throw new Error(`record ${sequence} was copied as ${written}`)
    }),
  )
  deps.counters.frames += records.length
}

function sequenceOf({ offset }: KafkaRecord): number {
  return offset + 1
}

function frameOf(deps: CopyDeps, record: KafkaRecord): NewFrame {
  const frame = record.value === null ? null : decodeFrame(record.value)
  if (frame !== null) return frame
  deps.counters.damaged += 1
  const about = { partition: deps.partition, offset: record.offset }
  deps.logger.error(about, 'a record of the log in Kafka is no frame and is passed over')
  return NO_FRAME
}

/** Stands where nothing can be read. Its data source is nobody's, so it is passed over. */
const NO_FRAME: NewFrame = {
  ...{ workspaceId: '', dataSourceId: '', schemaVersion: 0, requestId: '', arrivedAtMs: 0 },
  ...{ idempotencyHash: 'damaged', rowCount: 0, refusedCount: 0 },
  ...{ rows: Buffer.alloc(0), refused: Buffer.alloc(0) },
}

function withoutRows(frame: NewFrame): NewFrame {
  const { rows, refused } = NO_FRAME
  return { ...frame, rowCount: 0, refusedCount: 0, rows, refused }
}

const HASH = /^[0-9a-f]{64}$/
const HASH_DIGITS = 32

function keyOf(record: KafkaRecord): KeyedFrame[] {
  const frame = record.value === null ? null : decodeFrame(record.value)
  const hash = frame?.idempotencyHash ?? null
  if (frame === null || hash === null || !HASH.test(hash)) return []
  const { dataSourceId, rowCount, refusedCount, arrivedAtMs } = frame
  return [
    {
      workspace: frame.workspaceId.replaceAll('-', ''),
      keyHash: hash.slice(0, HASH_DIGITS),
      bodyHash: hash.slice(HASH_DIGITS),
      sequence: sequenceOf(record),
      ...{ dataSourceId, rowCount, refusedCount, arrivedAtMs },
    },
  ]
}
