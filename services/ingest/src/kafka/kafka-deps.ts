// Exactly what the readers of topics use; built in the process that hosts ingest.
import type { NewFrame } from '@sandpiper/eventlog'
import type { StreamPositions } from '@sandpiper/idempotency'
import type { RowError } from '@sandpiper/rows'
import type { Logger } from '@sandpiper/telemetry'

import type { KafkaCounters } from './kafka-counters.ts'
import type { DecoderOf, KafkaObserver, KafkaSource, KafkaSources } from './kafka-source.ts'

export interface KafkaDeps {
  readonly sources: KafkaSources
  readonly decoderOf: DecoderOf
  readonly positions: Pick<StreamPositions, 'known' | 'find' | 'set' | 'append'>
  readonly observer: KafkaObserver
  /** Shown what is durable, once for each frame; returns at once and never throws. */
  readonly stored?: (source: KafkaSource, frame: NewFrame, errors: readonly RowError[]) => void
  readonly counters: KafkaCounters
  readonly logger: Logger
  /** Unix milliseconds. */
  readonly now: () => number
  /** ULIDs, one for each frame. */
  readonly newRequestId: () => string
  /** From 0 to below 1, for pauses that do not fall together. */
  readonly random: () => number
  readonly limits: KafkaLimits
}

/** What all readers together may take. */
export interface KafkaLimits {
  /** Bytes of records in memory, of all partitions; one fetch of each partition may come on top. */
  readonly heldBytesMax: number
  /** The same of one partition. */
  readonly partitionBytesMax: number
  /** Bytes of the rows and refusals of a frame, about. */
  readonly frameBytesMax: number
  /** Milliseconds after which a group goes on without a reader that is silent. */
  readonly sessionMs: number
}

/** 128 MiB, 4 MiB, 4 MiB and 10 s. */
export const KAFKA_LIMITS: KafkaLimits = {
  heldBytesMax: 128 * 1024 * 1024,
  partitionBytesMax: 4 * 1024 * 1024,
  frameBytesMax: 4 * 1024 * 1024,
  sessionMs: 10_000,
}
