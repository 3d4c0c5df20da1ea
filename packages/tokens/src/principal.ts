// Who is calling and what they may do. Made by authorize(); everything behind it asks the principal, never the token.
import type { CallerLimits } from './limits.ts'

/** Scope types of static tokens and JWTs. Source: Tinybird token docs, read 2026-11. */
export type ScopeType =
  | 'ADMIN'
  | 'ADMIN_USER'
  | 'TOKENS'
  | 'DATASOURCES:CREATE'
  | 'DATASOURCES:APPEND'
  | 'DATASOURCES:DROP'
  | 'DATASOURCES:READ'
  | 'PIPES:CREATE'
  | 'PIPES:DROP'
  | 'PIPES:READ'
  | 'WORKSPACE:READ_ALL'
  | 'ORG_DATASOURCES:READ'

/** One right. `resource` is the id of a data source or pipe (names are resolved when the token is made; of a JWT by principalIn()), or null. */
export interface Scope {
  readonly type: ScopeType
  readonly resource: string | null
  /** SQL boolean over the base table's columns, for DATASOURCES:READ. null: every row. */
  readonly filter: string | null
  /** Parameter values that win over the caller's, for PIPES:READ (JWT). null: none. */
  readonly fixedParams: Readonly<Record<string, unknown>> | null
}

/** A caller whose token is known. */
export interface Principal {
  readonly workspaceId: string
  /** UUID of a static token; `jwt_<16 hex>` of a JWT, by its text. */
  readonly tokenId: string
  readonly tokenName: string
  readonly kind: 'static' | 'jwt'
  readonly scopes: readonly Scope[]
  /** What the workspace and the token limit beside the server; absent when neither does. */
  readonly limits?: CallerLimits
}
