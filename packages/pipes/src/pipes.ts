// The entry of this package: what other rooms may use.
export * from './compile-pipe.ts'
export * from './compile-scope.ts'
export * from './compile-sql.ts'
export * from './compiled-query.ts'
export * from './dependencies.ts'
export * from './endpoint-node.ts'
export * from './pipe-params.ts'
export * from './translate-error.ts'
