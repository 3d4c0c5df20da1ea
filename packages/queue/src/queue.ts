// The entry of this package: what other rooms may use.
export * from './job-client.ts'
export * from './open-ticket-queue.ts'
export * from './ticket-queue.ts'
