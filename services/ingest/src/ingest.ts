// The entry of this service for the process that hosts it.
export { createIngestListener, isEventsUrl } from './create-ingest-listener.ts'
export { createIngestCounters, type IngestCounters } from './ingest-counters.ts'
export type * from './kafka/kafka-source.ts'
export { INGEST_LIMITS, type IngestDeps, type IngestLimits } from './ingest-deps.ts'
