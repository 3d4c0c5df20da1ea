// The entry of this package: what other rooms may use.
export * from './idempotent-log.ts'
export { bodyHash } from './body-hash.ts'
export { KEY_RETENTION, type KeyRetention } from './key-retention.ts'
export { type IdempotencyOptions, type KeyMemory, openKeyMemory } from './open-key-memory.ts'
export type { KnownPosition } from './positions/position-book.ts'
export {
  openPositionMemory,
  type PositionCounters,
  type PositionMemory,
  type PositionOptions,
  type StreamPositions,
} from './positions/stream-positions.ts'
export { openSharedKeys, type SharedKeyStore } from './open-shared-keys.ts'
