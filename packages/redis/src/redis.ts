// The entry of this package: what other rooms may use.
export * from './open-redis.ts'
export * from './queue-client.ts'
export * from './shared-quota.ts'
