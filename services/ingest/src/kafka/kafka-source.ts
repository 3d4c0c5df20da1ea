// What the consumers of Kafka data sources are given and what they tell. The other side (which data sources there are, how a record
// becomes a row, what is shown of it) is wired in the process that hosts ingest.
import type { KafkaConnection, KafkaRecord } from '@sandpiper/kafka'
import type { DecodedRow } from '@sandpiper/rows'

/** One data source that reads a topic. Another value of any field but `isPaused` is another reader from the same position. */
export interface KafkaSource {
  readonly workspaceId: string
  /** The main workspace of a branch. */
  readonly mainId?: string
  readonly dataSourceId: string
  readonly dataSourceName: string
  readonly connection: KafkaConnection
  /** Part of what a position belongs to: another group reads from where `offsetReset` says. */
  readonly groupId: string
  readonly topic: string
  readonly offsetReset: 'earliest' | 'latest'
  /** Reads nothing, and goes on from where it was. */
  readonly isPaused: boolean
}

/** The data sources of all live deployments. */
export interface KafkaSources {
  /** Asked each second and after `onChange`; cheap. A fault means "as before". */
  list(): Promise<readonly KafkaSource[]>
  /** Calls when `list` may give something else; one listener. */
  onChange?(listener: () => void): void
}

/** Judges records of one data source under one version of its columns. */
export interface RecordDecoder {
  readonly schemaVersion: number
  /**
   * What becomes of each record, in their order and as many: a row, a refusal (with topic, partition and offset), or null for a record that
   * is neither, such as a tombstone that is not wanted. Never rejects for data. It rejects when it cannot tell yet (a registry that is
   * away): the same records are asked again later.
   * @param records of one partition, at most 1,000.
   */
  decode(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
  ): readonly (DecodedRow | null)[] | Promise<readonly (DecodedRow | null)[]>
}

/** The decoder for now: asked before each batch, since a deployment may change the columns. @throws faults, retried. */
export type DecoderOf = (source: KafkaSource, signal: AbortSignal) => Promise<RecordDecoder>

/** What happened to a data source's reader, a row of `tinybird.kafka_ops_log` each. */
export interface KafkaNote {
  readonly kind: 'info' | 'warning' | 'error'
  /** -1 when it is about no partition. */
  readonly partition: number
  /** Records behind the end of the partition; null when not known. */
  readonly lag: number | null
  /** Since the last note of this partition. */
  readonly records: number
  readonly bytes: number
  /** Records that are durable in our log, since the last note of this partition. */
  readonly committedRecords: number
  /** Records of these that were refused. */
  readonly refused: number
  readonly message: string
}

/** Told what happened. Returns at once and never throws. */
export interface KafkaObserver {
  noted(source: KafkaSource, note: KafkaNote): void
}

/** How the reader of a data source is, now. */
export interface KafkaSourceState {
  readonly dataSourceId: string
  readonly state: 'starting' | 'reading' | 'paused' | 'failing'
  /** Why it fails: no secrets; null while it does not. */
  readonly error: string | null
  /** Since the process started. */
  readonly records: number
  readonly bytes: number
  readonly refused: number
  readonly rebalances: number
  readonly partitions: readonly KafkaPartitionState[]
}

/** One partition that this process reads. */
export interface KafkaPartitionState {
  readonly partition: number
  /** The next offset that is wanted: everything below is durable in our log. */
  readonly position: number
  /** Records behind the end; null when not known. */
  readonly lag: number | null
}

/** The consumers of all Kafka data sources in this process. */
export interface KafkaConsumers {
  /** Looks at the data sources anew and resolves when each reader was started, changed or stopped accordingly. */
  reconcile(): Promise<void>
  states(): readonly KafkaSourceState[]
  /** Ends all readers, after what they are appending. Idempotent. */
  close(): Promise<void>
}
