// The entry of this package: what other rooms may use.
export * from './idempotent-log.ts'
export { bodyHash } from './body-hash.ts'
