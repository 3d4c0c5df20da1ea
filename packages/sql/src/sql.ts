// The entry of this package: what other rooms may use.
export * from './count-statements.ts'
export * from './find-sql-error.ts'
export * from './quote.ts'
export * from './split-trailing-format.ts'
export * from './statement-kind.ts'
export * from './strip-comments.ts'
export * from './token.ts'
export * from './tokenize.ts'
