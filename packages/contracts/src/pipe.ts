import { z } from 'zod'

/** A node of a pipe. */
export const nodeSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  sql: z.string(),
  description: z.string().nullable(),
})

/** A pipe as listed and in detail. Source: Tinybird pipes API reference and SDK, read 2026-11. */
export const pipeSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  type: z.string(),
  /** Node id of the endpoint, or null. */
  endpoint: z.string().nullable(),
  url: z.string().optional(),
  created_at: z.string(),
  updated_at: z.string(),
  nodes: z.array(nodeSchema),
})

/** Answer of `GET /v0/pipes`. */
export const pipeListSchema = z.object({ pipes: z.array(pipeSchema) })

/** Answer of `GET /v0/pipes/{name}.json` and of `/v0/sql` with FORMAT JSON. Source: Tinybird Query API reference, read 2026-11. */
export const queryResultSchema = z.object({
  meta: z.array(z.object({ name: z.string(), type: z.string() })),
  data: z.array(z.record(z.string(), z.unknown())),
  rows: z.number(),
  rows_before_limit_at_least: z.number().optional(),
  statistics: z.object({ elapsed: z.number(), rows_read: z.number(), bytes_read: z.number() }),
})

/** Parsed nodeSchema. */
export type NodeBody = z.infer<typeof nodeSchema>
/** Parsed pipeSchema. */
export type PipeBody = z.infer<typeof pipeSchema>
/** Parsed pipeListSchema. */
export type PipeListBody = z.infer<typeof pipeListSchema>
/** Parsed queryResultSchema. */
export type QueryResultBody = z.infer<typeof queryResultSchema>
