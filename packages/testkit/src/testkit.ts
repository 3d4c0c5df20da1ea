// The entry of this package. Imported by tests only.
export * from './start-engine.ts'
export * from './start-catalog.ts'
export * from './start-postgres.ts'
export * from './start-writer.ts'
export * from './start-sandpiper.ts'
export * from './damage-log.ts'
export * from './start-kafka.ts'
export * from './start-redis.ts'
