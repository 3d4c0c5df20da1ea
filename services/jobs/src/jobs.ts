// The entry of this service for the process that hosts it.
export * from './counters.ts'
export * from './create-jobs.ts'
export * from './job-kind.ts'
export type { JobsDeps } from './jobs-deps.ts'
export * from './all-kinds.ts'
export * from './copies/copies.ts'
export * from './imports/imports.ts'
