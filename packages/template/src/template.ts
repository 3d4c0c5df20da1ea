// The entry of this package: what other rooms may use.
export type { Template } from './ast.ts'
export type { RenderOptions } from './interpreter.ts'
export * from './parse-template.ts'
export * from './render-secrets.ts'
export * from './render-branches.ts'
export * from './render.ts'
export * from './rendered.ts'
