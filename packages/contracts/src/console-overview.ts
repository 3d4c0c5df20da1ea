import { z } from 'zod'

/** What comes in now, of one data source. */
export const dataSourcePulseSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** Rows a second by the Events API, refused ones too, over the last minute. */
  rows_per_second: z.number(),
  /** Of them, those that were refused. */
  refused_per_second: z.number(),
  /** Age of the oldest event that queries cannot see yet; 0 when they see all. Seconds. */
  oldest_unloaded_seconds: z.number(),
  /** `open`: far more rows than usual are refused. */
  breaker: z.enum(['open', 'closed']),
})

/** Answer of `GET /v0/console/overview`: the workspace as it is now, from memory. */
export const consoleOverviewSchema = z.object({
  at: z.string(),
  /** False while nothing is written into tables: events are taken all the same. */
  is_loading: z.boolean(),
  rows_per_second: z.number(),
  refused_per_second: z.number(),
  /** The oldest of all data sources. */
  oldest_unloaded_seconds: z.number(),
  /** By name. */
  data_sources: z.array(dataSourcePulseSchema),
})

/** Parsed dataSourcePulseSchema. */
export type DataSourcePulse = z.infer<typeof dataSourcePulseSchema>
/** Parsed consoleOverviewSchema. */
export type ConsoleOverview = z.infer<typeof consoleOverviewSchema>
