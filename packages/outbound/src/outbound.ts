// The entry of this package: what other rooms may use.
export * from './create-outbound.ts'
export * from './fetch-text.ts'
export { redactedUrl } from './remote-url.ts'
export { createOpenSocket, type OpenSocket, type SocketRequest } from './guarded-socket.ts'
export { createFetchJwks } from './create-fetch-jwks.ts'
