// What the api asks of an import and what comes back: the input is kept with the job, as JSON.
import { z } from 'zod'

const dialectSchema = z.object({
  delimiter: z.string().nullable(),
  newLine: z.string().nullable(),
  escape: z.string().nullable(),
})

/** Formats of a file. Gzip is told by its first bytes, whatever the format. */
export const importFormatSchema = z.enum(['csv', 'ndjson', 'parquet'])

/** A file on its way into a data source. */
export const importInputSchema = z.object({
  /** ULID; also the key under which its chunks are stored at most once. */
  importId: z.string(),
  /** `t_...` */
  dataSourceId: z.string(),
  dataSourceName: z.string(),
  mode: z.enum(['create', 'append', 'replace']),
  format: importFormatSchema,
  /** A file of the import folder, or where to fetch it from. */
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('file'), file: z.string() }),
    z.object({ kind: z.literal('url'), url: z.string() }),
  ]),
  dialect: dialectSchema,
  /** One SQL expression over the data source, judged by the gate; null for all rows. With mode replace only. */
  replaceCondition: z.string().nullable(),
  /** Whether replacing by no rows at all is meant. */
  truncateWhenEmpty: z.boolean(),
  /** Leaves views alone whose partition keys do not go with the data source's, instead of refusing. */
  skipIncompatiblePartitionKey: z.boolean(),
  /** Request that asked for it. */
  requestId: z.string(),
})

/** One stretch of a file that became a frame of the log. */
export const importBlockSchema = z.object({
  blockId: z.string(),
  /** Bytes of the unpacked file, from and to. */
  startOffset: z.number(),
  endOffset: z.number(),
  rows: z.number(),
  quarantined: z.number(),
  invalidLines: z.number(),
  emptyLines: z.number(),
  bytes: z.number(),
  seconds: z.number(),
})

/** What became of an import. */
export const importOutcomeSchema = z.object({
  importId: z.string(),
  rows: z.number(),
  quarantined: z.number(),
  /** Lines that are no rows of the format at all; counted in `quarantined` too. */
  invalidLines: z.number(),
  bytes: z.number(),
  firstError: z.string().nullable(),
  /** At most the first 1_000. */
  blocks: z.array(importBlockSchema),
  /** Views that were left as they are. */
  skippedViews: z.array(z.string()),
})

/** One column of a guessed schema. Source: Tinybird analyze API reference, read 2026-11. */
export const analyzedColumnSchema = z.object({
  /** JSONPath; the bare name for CSV. */
  path: z.string(),
  recommended_type: z.string(),
  /** Values per row: 1 when every row has one, more for lists. */
  present_pct: z.number(),
  name: z.string(),
})

/** Answer of `POST /v0/analyze`. */
export const analysisSchema = z.object({
  analysis: z.object({
    columns: z.array(analyzedColumnSchema),
    schema: z.string(),
    /** What became no column, 100 at most: paths that no JSONPath can name, and what is more than a data source can have. Absent when there is none. */
    left_out: z.array(z.string()).optional(),
  }),
  preview: z.object({
    meta: z.array(z.object({ name: z.string(), type: z.string() })),
    data: z.array(z.record(z.string(), z.unknown())),
    rows: z.number(),
    statistics: z.object({ elapsed: z.number(), rows_read: z.number(), bytes_read: z.number() }),
  }),
})

/** Parsed importFormatSchema. */
export type ImportFormat = z.infer<typeof importFormatSchema>
/** Parsed importInputSchema. */
export type ImportInput = z.infer<typeof importInputSchema>
/** Parsed importBlockSchema. */
export type ImportBlock = z.infer<typeof importBlockSchema>
/** Parsed importOutcomeSchema. */
export type ImportOutcome = z.infer<typeof importOutcomeSchema>
/** Parsed analyzedColumnSchema. */
export type AnalyzedColumn = z.infer<typeof analyzedColumnSchema>
/** Parsed analysisSchema. */
export type AnalysisBody = z.infer<typeof analysisSchema>
