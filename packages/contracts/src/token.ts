import { z } from 'zod'

import { limitsSchema } from './limits.ts'

/** One right of a token, as shown. */
export const scopeSchema = z.object({
  type: z.string(),
  /** Name of a data source or pipe (its id when it has no name in the live deployment). */
  resource: z.string().optional(),
  filter: z.string().optional(),
})

/** A static token. Source: Tinybird tokens API reference, read 2026-11. */
export const tokenSchema = z.object({
  id: z.string(),
  /** The secret; absent when the caller holds fewer rights than this token. */
  token: z.string().optional(),
  name: z.string(),
  description: z.string(),
  scopes: z.array(scopeSchema),
  /** Of this token alone; absent when it has none. */
  limits: limitsSchema.optional(),
  origin: z.object({ type: z.enum(['C', 'DS', 'P', 'W']), resource_id: z.string().optional() }),
  host: z.string(),
  is_internal: z.boolean(),
  created_at: z.string(),
})

/** Answer of `GET /v0/tokens`. */
export const tokenListSchema = z.object({ tokens: z.array(tokenSchema) })

/** Answer of `GET /tokens`, on loopback only. Source: `@tinybirdco/sdk` src/api/local.ts, read 2026-11. */
export const localTokensSchema = z.object({
  user_token: z.string(),
  admin_token: z.string(),
  workspace_admin_token: z.string(),
})

/** Parsed scopeSchema. */
export type ScopeBody = z.infer<typeof scopeSchema>
/** Parsed tokenSchema. */
export type TokenBody = z.infer<typeof tokenSchema>
/** Parsed tokenListSchema. */
export type TokenListBody = z.infer<typeof tokenListSchema>
/** Parsed localTokensSchema. */
export type LocalTokensBody = z.infer<typeof localTokensSchema>
