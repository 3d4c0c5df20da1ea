// The entry of this package: what other rooms may use.
export type { KafkaConnection, KafkaLogin } from './connection.ts'
export type { KafkaRecord } from './kafka-record.ts'
export { sampleTopic, type SampleOptions } from './sample-topic.ts'
export { KafkaProblem } from './kafka-error.ts'
export { kafkaAdmin, type KafkaAdmin, type PartitionRange } from './kafka-admin.ts'
export {
  openKafkaProducer,
  type KafkaProducer,
  type NewRecord,
  type StoredAt,
} from './kafka-producer.ts'
export {
  startTopicReader,
  type FetchedBatch,
  type ReaderOwner,
  type Steering,
  type TopicReader,
  type TopicReaderOptions,
} from './topic-reader.ts'
