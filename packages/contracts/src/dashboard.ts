import { z } from 'zod'

/** What a parameter of an endpoint can be set to. */
const parameterValueSchema = z.union([
  z.string().max(4_096),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string().max(4_096), z.number()])).max(1_000),
])

const columnName = z.string().min(1).max(256)
const identifier = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const parameterName = z.string().min(1).max(128)

/** Kinds of charts a tile, a node or a saved query can have. */
export const CHART_TYPES = [
  'table',
  'line',
  'area',
  'bar',
  'number',
  'pie',
  'funnel',
  'map',
] as const

/** How rows are drawn. */
export const chartSchema = z.object({
  type: z.enum(CHART_TYPES),
  /** Column of the horizontal axis, of the slices, or of the places. */
  x: columnName.optional(),
  /** Columns of values; none: the first numeric one. */
  y: z.array(columnName).max(50).optional(),
  /** Column whose values make a line each. */
  series: columnName.optional(),
  /** What else this type of chart has, such as `{"stacked": true, "unit": "ms"}`. */
  options: z
    .record(z.string().max(64), z.union([z.string().max(1_024), z.number(), z.boolean(), z.null()]))
    .optional(),
})

/** Where the rows of a tile come from: an endpoint (its name or id), or SQL, which only tokens that see the whole workspace may ask. */
export const tileSourceSchema = z.union([
  z.strictObject({
    pipe: z.string().min(1).max(256),
    params: z.record(parameterName, parameterValueSchema).default({}),
  }),
  z.strictObject({ sql: z.string().min(1).max(100_000) }),
])

/** One tile; the grid has twelve columns. */
export const tileSchema = z.object({
  id: identifier,
  title: z.string().max(256),
  description: z.string().max(4_096).optional(),
  chart: chartSchema,
  source: tileSourceSchema,
  layout: z.object({
    x: z.number().int().min(0).max(11),
    y: z.number().int().min(0).max(10_000),
    w: z.number().int().min(1).max(12),
    h: z.number().int().min(1).max(100),
  }),
})

/** A parameter that all tiles share: it is sent to each endpoint that takes one of that name. */
export const dashboardParameterSchema = z.object({
  name: parameterName,
  label: z.string().max(256).optional(),
  type: z.enum(['text', 'number', 'boolean', 'select', 'date', 'date_time']),
  default: parameterValueSchema.optional(),
  /** Of `select`. */
  options: z.array(z.string().max(1_024)).max(500).optional(),
})

/** The last so much (`15m`, `24h`, `30d`, `4w`), or between two times. */
export const timeRangeSchema = z.union([
  z.strictObject({ last: z.string().regex(/^[1-9]\d{0,5}[smhdw]$/) }),
  z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime() }),
])

/** A dashboard as it is kept, and as it stands in a file. */
export const dashboardSchema = z.object({
  name: z.string().trim().min(1).max(256),
  description: z.string().max(4_096).optional(),
  /** At most 100, each with an id of its own. */
  tiles: z
    .array(tileSchema)
    .max(100)
    .refine((tiles) => new Set(tiles.map(({ id }) => id)).size === tiles.length, {
      message: 'two tiles have the same id',
    }),
  parameters: z.array(dashboardParameterSchema).max(50).default([]),
  time_range: timeRangeSchema.default({ last: '24h' }),
  /** Names of the parameters that carry the time range to endpoints. */
  time_parameters: z
    .object({ from: parameterName, to: parameterName })
    .default({ from: 'date_from', to: 'date_to' }),
  /** Seconds between two refreshes; null: only by hand. */
  refresh_seconds: z.number().int().min(5).max(86_400).nullable().default(null),
})

/** Parsed chartSchema. */
export type Chart = z.infer<typeof chartSchema>
/** One of CHART_TYPES. */
export type ChartType = Chart['type']
/** Parsed tileSourceSchema. */
export type TileSource = z.infer<typeof tileSourceSchema>
/** Parsed tileSchema. */
export type Tile = z.infer<typeof tileSchema>
/** Parsed dashboardParameterSchema. */
export type DashboardParameter = z.infer<typeof dashboardParameterSchema>
/** Parsed timeRangeSchema. */
export type TimeRange = z.infer<typeof timeRangeSchema>
/** Parsed dashboardSchema. */
export type Dashboard = z.infer<typeof dashboardSchema>

/** What a link to a dashboard is made of. */
export const dashboardShareInputSchema = z.object({
  /** Unix seconds; the year 9999 at most. */
  expiration_time: z.number().int().positive().max(253_402_300_799),
  /** Values that win over whatever the viewer sends, in every endpoint of the dashboard. */
  fixed_params: z.record(parameterName, parameterValueSchema).default({}),
  /** Endpoints that may go without the fixed parameters, since they take none of that name. */
  unfixed_pipes: z.array(z.string().max(256)).max(100).default([]),
  limits: z.object({ rps: z.number().int().min(1).max(1_000_000) }).optional(),
})

/** Answer of `POST /v0/console/dashboards/{id}/shares`. */
export const dashboardShareSchema = z.object({
  /** By which it can be ended. */
  id: z.string(),
  /** A JWT that reads this dashboard and its endpoints. Belongs behind `#` of a link: a browser sends that to nobody. */
  token: z.string(),
  expires_at: z.string(),
  /** Names of the endpoints it reads. */
  pipes: z.array(z.string()),
})

/** A link that works now, as `GET /v0/console/dashboards/{id}/shares` lists it; its JWT is kept nowhere. */
export const dashboardShareSummarySchema = z.object({
  id: z.string(),
  /** Name of the token that made it. */
  made_by: z.string(),
  created_at: z.string(),
  expires_at: z.string(),
  /** Names of the endpoints when it was made. */
  pipes: z.array(z.string()),
  /** What nobody who has it can change. */
  fixed_params: z.record(z.string(), z.unknown()),
})

/** Parsed dashboardShareSummarySchema. */
export type DashboardShareSummary = z.infer<typeof dashboardShareSummarySchema>
/** dashboardShareInputSchema, before defaults. */
export type DashboardShareInput = z.input<typeof dashboardShareInputSchema>
/** Parsed dashboardShareSchema. */
export type DashboardShareBody = z.infer<typeof dashboardShareSchema>
