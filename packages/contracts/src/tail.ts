import { z } from 'zod'

/** One event as it was taken. Exactly one of `row`, `refused` and `cut` is there. */
export const tailedRowSchema = z.object({
  /** When its request arrived. */
  at: z.string(),
  /** Columns as they go into the table; those left out get their defaults there. */
  row: z.record(z.string(), z.unknown()).optional(),
  /** A row of the quarantine: columns as texts, `c__error_column`, `c__error`, `c__raw`. */
  refused: z.record(z.string(), z.unknown()).optional(),
  /** The beginning of a row too long to be shown. */
  cut: z.string().optional(),
})

/** Data of the SSE event `rows`: what came since the one before, about four times a second, only when something came. */
export const tailBatchSchema = z.object({
  /** Rows accepted since the last batch, shown or not. */
  accepted: z.number(),
  /** Rows refused since the last batch, shown or not. */
  refused: z.number(),
  /** Of both, those that are not in `rows`: more came than a tail shows. */
  dropped: z.number(),
  /** In the order they came; at most 50. */
  rows: z.array(tailedRowSchema),
})

/** Data of the SSE event `begin`, which comes first. */
export const tailBeginSchema = z.object({
  data_source: z.object({ id: z.string(), name: z.string() }),
  rows_per_second_max: z.number(),
})

/** Data of the SSE event `end`, after which nothing comes: the token lost its right, the data source went, or the server stops. */
export const tailEndSchema = z.object({ reason: z.string() })

/** Parsed tailedRowSchema. */
export type TailedRow = z.infer<typeof tailedRowSchema>
/** Parsed tailBatchSchema. */
export type TailBatch = z.infer<typeof tailBatchSchema>
/** Parsed tailBeginSchema. */
export type TailBegin = z.infer<typeof tailBeginSchema>
/** Parsed tailEndSchema. */
export type TailEnd = z.infer<typeof tailEndSchema>
