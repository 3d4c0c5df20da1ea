// The entry of this package: what tests may use.
export * from './start-postgres.ts'
