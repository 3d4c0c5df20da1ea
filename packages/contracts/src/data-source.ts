import { z } from 'zod'

/** A column as listed; `type` is without `Nullable()` when `nullable` is true. */
export const columnSchema = z.object({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean(),
  normalized_name: z.string(),
  codec: z.string().nullable(),
  default_value: z.string().nullable(),
  jsonpath: z.string().nullable(),
})

/** A data source. Clients read a union of old and new members. Source: Tinybird data sources API reference and SDK, read 2026-11. */
export const dataSourceSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  type: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  tags: z.record(z.string(), z.unknown()),
  engine: z.looseObject({ engine: z.string() }),
  schema: z.object({ columns: z.array(columnSchema), sql_schema: z.string() }),
  columns: z.array(columnSchema),
  statistics: z.object({ row_count: z.number(), bytes: z.number() }),
  quarantine_rows: z.number(),
})

/** Answer of `GET /v0/datasources`; members are fewer when `attrs` is given. */
export const dataSourceListSchema = z.object({
  datasources: z.array(z.looseObject({ name: z.string().optional() })),
})

/** Answer of a synchronous append. Source: `@tinybirdco/sdk` src/api/api.ts, read 2026-11. */
export const appendSchema = z.looseObject({
  import_id: z.string(),
  successful_rows: z.number(),
  quarantined_rows: z.number(),
})

/** Parsed columnSchema. */
export type ColumnBody = z.infer<typeof columnSchema>
/** Parsed dataSourceSchema. */
export type DataSourceBody = z.infer<typeof dataSourceSchema>
/** Parsed dataSourceListSchema. */
export type DataSourceListBody = z.infer<typeof dataSourceListSchema>
/** Parsed appendSchema. */
export type AppendBody = z.infer<typeof appendSchema>
