// The entry of this package: what other rooms may use.
export * from './client-contract.ts'
export * from './create-clickhouse.ts'
export * from './empty-database.ts'
export * from './errors.ts'
export * from './fair-slots.ts'
export * from './gate/create-gate.ts'
export * from './name-limit.ts'
export * from './query-settings.ts'
