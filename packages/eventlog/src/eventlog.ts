// The entry of this package: what other rooms may use.
export * from './frame.ts'
export * from './event-log.ts'
