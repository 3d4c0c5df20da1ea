import { z } from 'zod'

/** Limits that one side sets: whole numbers by name, such as `max_memory_usage`. */
export const limitsSchema = z.record(z.string(), z.number().int())

/** One limit that holds. */
export const effectiveLimitSchema = z.object({
  name: z.string(),
  value: z.number().int(),
  /** `seconds`, `bytes`, `rows` ... */
  unit: z.string(),
  /** Who set it: of several the smallest holds. */
  from: z.enum(['server', 'workspace', 'token']),
})

/** Answer of `GET /v0/limits` and `GET|PUT /v0/workspaces/{id}/limits`. */
export const limitListSchema = z.object({
  limits: z.array(effectiveLimitSchema),
  /** What is set for the workspace. */
  workspace: limitsSchema,
  /** What is set for the token of the request; only where it is asked for. */
  token: limitsSchema.optional(),
})

/** Parsed limitListSchema. */
export type LimitListBody = z.infer<typeof limitListSchema>
