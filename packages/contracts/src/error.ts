import { z } from 'zod'

/** Body of every refused request. Source: Tinybird API reference, read 2026-11. */
export const errorSchema = z.object({
  error: z.string(),
  /** URL of a page that explains. */
  documentation: z.string().optional(),
  /** The node of a pipe whose template failed. */
  node: z.string().optional(),
  /** The line of that node's SQL, 1-based. */
  line: z.number().optional(),
  errors: z.array(z.unknown()).optional(),
})

/** Parsed errorSchema. */
export type ErrorBody = z.infer<typeof errorSchema>
