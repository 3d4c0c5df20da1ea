import type { QueryReply } from '@sandpiper/clickhouse'
import type { CompiledQuery } from '@sandpiper/pipes'
import type { Principal } from '@sandpiper/tokens'

/** Who asks, for what. */
export interface QuerySubject {
  readonly principal: Principal
  /** `id` and `name` are `query_api` for /v0/sql. */
  readonly pipe: { readonly id: string; readonly name: string }
  readonly params: Readonly<Record<string, unknown>>
}

/** What one request tells about itself while it is answered. */
export interface QueryNote {
  /** Without it nothing is written down. The last call counts. */
  subject(subject: QuerySubject): void
  /** What is going to be read. */
  compiled(compiled: CompiledQuery): void
  /** The engine's answer, to be sent in place of the one given: its end is noticed. @param told what the caller may be told of a failure. */
  reply(reply: QueryReply, told: (err: unknown) => unknown): QueryReply
}
