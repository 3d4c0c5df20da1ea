import type { KafkaConnection } from '@sandpiper/kafka'
import type { SchemaRegistries } from '@sandpiper/registry'

/** What it takes to reach the outside by a connection. */
export interface ConnectionTools {
  /** Judges every address that is connected to. */
  readonly openSocket: NonNullable<KafkaConnection['openSocket']>
  readonly registries: SchemaRegistries
}

/** How the reader of a data source's topic is, in the process that has it. */
export interface TopicReaderState {
  readonly state: 'starting' | 'reading' | 'paused' | 'failing'
  /** No secrets in it; null while it works. */
  readonly error: string | null
  /** Since the process started. */
  readonly records: number
  readonly refused: number
  readonly partitions: readonly {
    readonly partition: number
    readonly position: number
    readonly lag: number | null
  }[]
}

/** The readers of topics in this process. */
export interface TopicReaders {
  /** null when there is none. */
  stateOf(dataSourceId: string): TopicReaderState | null
}
