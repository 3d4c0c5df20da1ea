// The entry of this service for the process that hosts it.
export { createIngestListener, isEventsUrl } from './create-ingest-listener.ts'
export { createIngestCounters, type IngestCounters } from './ingest-counters.ts'
export { createKafkaConsumers } from './kafka/create-kafka-consumers.ts'
export { createKafkaCounters, type KafkaCounters } from './kafka/kafka-counters.ts'
export { KAFKA_LIMITS, type KafkaDeps, type KafkaLimits } from './kafka/kafka-deps.ts'
export type * from './kafka/kafka-source.ts'
export { INGEST_LIMITS, type IngestDeps, type IngestLimits } from './ingest-deps.ts'
