import type { Quota } from '@sandpiper/tokens'

import type { QueryNote } from './service-data-sources/query-note-contract.ts'

/** Per-request values set before any route runs. */
export interface ApiEnv {
  Variables: {
    requestId: string
    /** The tightest of the limits that the request counted against. */
    quota?: Quota
    /** Of requests to endpoints and /v0/sql. */
    queryNote: QueryNote
  }
  /** From @hono/node-server; absent under app.request() in tests unless given. */
  Bindings: { incoming?: { httpVersion: string; socket: { remoteAddress?: string | undefined } } }
}
