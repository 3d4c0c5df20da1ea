// The entry of this service: what its tests may use.
export * from './config.ts'
