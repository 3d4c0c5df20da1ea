// The entry of this package: what other rooms may use.
export * from './catalog-contract.ts'
export * from './create-catalog.ts'
export type { PostgresConnection } from './database.ts'
export { MigrationError } from './migrate.ts'
export * from './open-writer-catalog.ts'
export * from './records.ts'
export * from './secret-key.ts'
export { WORKSPACE_ADMIN_TOKEN } from './workspace-store.ts'
