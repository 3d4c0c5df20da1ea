import { z } from 'zod'

/** Name of a variable: what tb_secret() can name. Source: names of engine parameters, of which each becomes one. */
export const variableNameSchema = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/)

/** Bytes of a value. Source: Tinybird environment variables, read 2026-11. */
export const VARIABLE_BYTES_MAX = 8_192

/** A variable; its value is never answered. Source: Tinybird environment variables API, read 2026-11. */
export const variableSchema = z.object({
  name: z.string(),
  type: z.literal('secret'),
  created_at: z.string(),
  updated_at: z.string(),
  edited_by: z.string(),
})

/** Answer of `GET /v0/variables`. */
export const variableListSchema = z.object({ variables: z.array(variableSchema) })

/** Parsed variableSchema. */
export type VariableBody = z.infer<typeof variableSchema>
/** Parsed variableListSchema. */
export type VariableListBody = z.infer<typeof variableListSchema>
