export * from './api-deps.ts'
export * from './app.ts'
