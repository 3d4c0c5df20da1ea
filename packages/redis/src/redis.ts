// The entry of this package: what other rooms may use.
export type { RedisPlace } from './client-settings.ts'
export * from './open-redis.ts'
export * from './queue-client.ts'
export * from './shared-limits.ts'
export * from './shared-quota.ts'
