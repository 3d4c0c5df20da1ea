// The quarantine API: what stands in a quarantine, grouped by cause, and how its rows are healed. Sandpiper's own: Tinybird has none.
import { z } from 'zod'

const TIME =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/
const DATE_FORMAT = /^(?=.*YYYY)(?=.*MM)(?=.*DD)(?:YYYY|MM|DD|HH|mm|ss|SSS|[ T:/.,_-])+$/

/** A plain JSON value. Numbers beyond 2^53 and exact decimals are written as strings. */
export const plainValueSchema = z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()])

/**
 * One change of a value, from a closed list. A step that does not apply to a value leaves it as it is: then the column judges it.
 * `trim`: spaces at both ends of a text. `empty_to_null`: the text '' becomes null. `number`: a text such as `" 1,234.50 "` becomes a number.
 * `text`: anything else becomes its JSON text. `epoch_seconds`, `epoch_milliseconds`: a number, or a text of one, becomes a time in UTC.
 * `date`: a text in this format (YYYY MM DD HH mm ss SSS and separators) becomes a date or time. `values`: exactly these texts become others.
 */
export const healStepSchema = z.union([
  z.enum(['trim', 'empty_to_null', 'number', 'text', 'epoch_seconds', 'epoch_milliseconds']),
  z.strictObject({ date: z.string().max(40).regex(DATE_FORMAT, 'not a date format') }),
  z.strictObject({
    values: z
      .record(z.string().max(1_000), plainValueSchema)
      .refine((values) => Object.keys(values).length <= 100, 'at most 100 values'),
  }),
])

/** Where a column's value comes from while rows are healed, and what is done to it. */
export const healRuleSchema = z
  .strictObject({
    /** JSONPath into the line as it was sent, such as `$.price.amount`; default: the column's own. */
    path: z.string().max(1_000).startsWith('$').optional(),
    /** This value for every row. */
    constant: plainValueSchema.optional(),
    /** In this order. */
    steps: z.array(healStepSchema).max(10).optional(),
    /** The value where there is none, or null. */
    default: plainValueSchema.optional(),
  })
  .refine((rule) => rule.constant === undefined || rule.path === undefined, {
    message: 'give a path or a constant, not both',
  })

/** By column name; columns that are not named are read as always. */
export const healMappingSchema = z
  .record(z.string().min(1).max(300), healRuleSchema)
  .refine((mapping) => Object.keys(mapping).length <= 500, 'at most 500 columns')

/** Which quarantined rows: all, or those with one of these causes, quarantined in this time. */
export const quarantineSelectionSchema = z.strictObject({
  /** Ids of causes, as listed. */
  causes: z
    .array(z.string().regex(/^[0-9a-f]{16}$/, 'not the id of a cause'))
    .min(1)
    .max(100)
    .optional(),
  /** Quarantined at this time or later; UTC unless it says another zone. */
  from: z.string().regex(TIME, 'not a time').optional(),
  /** Quarantined before this time. */
  to: z.string().regex(TIME, 'not a time').optional(),
})

/** Body of `POST /v1/quarantine/{name}/preview` and `/replay`. */
export const healRequestSchema = quarantineSelectionSchema.extend({
  mapping: healMappingSchema.optional(),
})

/** The breaker of a data source: open while far more of its rows than usual are invalid. Rows are kept, requests go on. */
export const breakerSchema = z.object({
  state: z.enum(['open', 'closed']),
  /** When it took this state; null: closed since the start. */
  since: z.string().nullable(),
  /** Of the last minute. */
  rows: z.number(),
  invalid_rows: z.number(),
  top_cause: z.string().nullable(),
})

/** One data source with quarantined rows, or an open breaker. */
export const quarantineSummarySchema = z.object({
  datasource: z.object({ id: z.string(), name: z.string() }),
  rows: z.number(),
  first_seen: z.string().nullable(),
  last_seen: z.string().nullable(),
  breaker: breakerSchema,
})

/** Answer of `GET /v1/quarantine`: most rows first. */
export const quarantineListSchema = z.object({
  quarantine: z.array(quarantineSummarySchema),
})

/** Rows that were refused for the same reason: a column and a message without the values in it. */
export const quarantineCauseSchema = z.object({
  id: z.string(),
  /** '' when the line as a whole is at fault. */
  column: z.string(),
  cause: z.string(),
  rows: z.number(),
  first_seen: z.string(),
  last_seen: z.string(),
  samples: z.array(
    z.object({
      /** The line, cut at 1,000 characters; null when none was kept. */
      raw: z.string().nullable(),
      error: z.string(),
      insertion_date: z.string(),
    }),
  ),
})

/** Answer of `GET /v1/quarantine/{name}`. */
export const quarantineDetailSchema = quarantineSummarySchema.extend({
  /** Most rows first. A row with several errors counts in several causes. */
  causes: z.array(quarantineCauseSchema),
  /** Whether there are more causes than were asked for. */
  has_more: z.boolean(),
})

/** Answer of `POST /v1/quarantine/{name}/preview`: what a replay would do. Changes nothing. */
export const healPreviewSchema = z.object({
  datasource: z.object({ id: z.string(), name: z.string() }),
  /** Rows that are selected. */
  rows: z.number(),
  /** How many of them were tried; fewer than `rows` when there are very many. */
  examined: z.number(),
  /** Of those that were tried. */
  recovered: z.number(),
  remaining: z.number(),
  /** Why rows would stay. */
  causes: z.array(z.object({ column: z.string(), cause: z.string(), rows: z.number() })),
  samples: z.object({
    /** `row`: what it would become, as JSON text keyed by column name. */
    recovered: z.array(z.object({ raw: z.string(), row: z.string() })),
    remaining: z.array(
      z.object({
        raw: z.string().nullable(),
        errors: z.array(z.object({ column: z.string(), message: z.string() })),
      }),
    ),
  }),
})

/** Parsed plainValueSchema. */
export type PlainValue = z.infer<typeof plainValueSchema>
/** Parsed healStepSchema. */
export type HealStep = z.infer<typeof healStepSchema>
/** Parsed healRuleSchema. */
export type HealRule = z.infer<typeof healRuleSchema>
/** Parsed healMappingSchema. */
export type HealMapping = z.infer<typeof healMappingSchema>
/** Parsed quarantineSelectionSchema. */
export type QuarantineSelection = z.infer<typeof quarantineSelectionSchema>
/** Parsed healRequestSchema. */
export type HealRequest = z.infer<typeof healRequestSchema>
/** Parsed breakerSchema. */
export type BreakerBody = z.infer<typeof breakerSchema>
/** Parsed quarantineSummarySchema. */
export type QuarantineSummary = z.infer<typeof quarantineSummarySchema>
/** Parsed quarantineListSchema. */
export type QuarantineListBody = z.infer<typeof quarantineListSchema>
/** Parsed quarantineCauseSchema. */
export type QuarantineCause = z.infer<typeof quarantineCauseSchema>
/** Parsed quarantineDetailSchema. */
export type QuarantineDetailBody = z.infer<typeof quarantineDetailSchema>
/** Parsed healPreviewSchema. */
export type HealPreviewBody = z.infer<typeof healPreviewSchema>
