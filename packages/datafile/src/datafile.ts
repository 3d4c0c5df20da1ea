// The entry of this package: what other rooms may use.
export * from './column-type.ts'
export * from './engine-key.ts'
export * from './json-path.ts'
export * from './model.ts'
export * from './parse-datafile.ts'
export * from './plain-data-source.ts'
export * from './print-datafile.ts'
export { UNACTED_DIRECTIVES } from './unacted-directives.ts'
