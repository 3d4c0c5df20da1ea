import { z } from 'zod'

/** Who may sign JWTs of a workspace, beside its admin token. Ours. */
export const jwksSchema = z.strictObject({
  /** Public keys (RFC 7517), each with a `kid`; at most 20. */
  keys: z.array(z.record(z.string(), z.unknown())).max(20).default([]),
  /** https address of an identity provider's JWKS; null for none. */
  url: z.string().max(2_000).nullable().default(null),
  /** Longest time in seconds that a JWT may have left when it is used; null for any. */
  max_lifetime: z.number().int().min(1).max(1_000_000_000).nullable().default(null),
})

/** Parsed jwksSchema. */
export type JwksBody = z.infer<typeof jwksSchema>
