/** One record of a topic, as it came. */
export interface KafkaRecord {
  readonly topic: string
  readonly partition: number
  /** Exact: offsets above 2^53 - 1 are refused by whoever reads. */
  readonly offset: number
  /** Unix milliseconds; of the producer or of the broker, as the topic is set up. */
  readonly timestampMs: number
  readonly key: Buffer | null
  /** null: a tombstone. */
  readonly value: Buffer | null
  /** In the order they came; a name may come twice. */
  readonly headers: readonly (readonly [name: string, value: Buffer])[]
}
