// The entry of this package: what other rooms may use.
export * from './principal.ts'
export * from './token-value.ts'
