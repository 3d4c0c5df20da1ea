// The entry of this package: what other rooms may use.
export * from './authorize.ts'
export * from './principal.ts'
export * from './rights.ts'
export * from './scope.ts'
export * from './token-value.ts'
