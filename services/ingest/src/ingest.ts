// The entry of this service for the process that hosts it.
export { createIngestApp, EVENTS_PATH } from './create-ingest-app.ts'
export { INGEST_LIMITS, type IngestDeps, type IngestLimits } from './ingest-deps.ts'
