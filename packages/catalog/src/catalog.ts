// The entry of this package: what other rooms may use.
export * from './catalog-contract.ts'
export * from './records.ts'
