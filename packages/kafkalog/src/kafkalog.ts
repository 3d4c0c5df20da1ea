// The entry of this package: what other rooms may use.
export {
  KAFKA_LOG,
  type KafkaLogPlace,
  type KafkaLogSettings,
  kafkaPlaceOf,
} from './kafka-log-place.ts'
export { openKafkaLog, type KafkaLog, type KafkaLogOptions } from './open-kafka-log.ts'
export { partitionOf } from './partition-of.ts'
export { provideTopic } from './provide-topic.ts'
export type { MirrorCounters } from './mirror-counters.ts'
export { type Mirror, type MirroredPartition, openMirror } from './open-mirror.ts'
