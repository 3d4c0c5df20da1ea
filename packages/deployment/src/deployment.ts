// The entry of this package: what other rooms may use.
export * from './deployment-map.ts'
export * from './table-names.ts'
