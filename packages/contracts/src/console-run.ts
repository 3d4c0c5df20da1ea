import { z } from 'zod'

/** A node as it stands in an editor. */
export const draftNodeSchema = z.object({
  name: z.string().min(1).max(256),
  sql: z.string().max(500_000),
})

const nodes = z.array(draftNodeSchema).min(1).max(100)
const parameters = z.record(z.string(), z.unknown()).default({})

/** Body of `POST /v0/console/run`: nodes that are not published, in their order, and which of them is to run. */
export const consoleRunSchema = z.object({
  nodes,
  node: z.string(),
  /** For the templates. */
  parameters,
  /** As the ending of an endpoint: json, csv, ndjson, parquet ... */
  format: z.string().default('json'),
  /** The plan in place of the rows. */
  explain: z.boolean().default(false),
})

/** Body of `POST /v0/console/check`. */
export const consoleCheckSchema = z.object({ nodes, parameters })

/** A parameter of templates, as a form shows it. */
export const nodeParameterSchema = z.object({
  name: z.string(),
  /** `String`, `Int32`, `Array(String)`, `DateTime` ... */
  type: z.string(),
  required: z.boolean(),
  default: z.unknown().optional(),
  description: z.string().nullable(),
  enum: z.array(z.unknown()).nullable(),
  example: z.unknown().optional(),
  format: z.string().nullable(),
})

/** What was found about one node. */
export const checkedNodeSchema = z.object({
  name: z.string(),
  /** Of its result; null when they cannot be told. */
  columns: z.array(z.object({ name: z.string(), type: z.string() })).nullable(),
  /** Why it would not run; null when nothing was found. `line` is one of its SQL, 1-based. */
  problem: z.object({ error: z.string(), line: z.number().nullable() }).nullable(),
})

/** Answer of `POST /v0/console/check`. */
export const consoleCheckBodySchema = z.object({
  parameters: z.array(nodeParameterSchema),
  nodes: z.array(checkedNodeSchema),
})

/** Parsed draftNodeSchema. */
export type DraftNodeBody = z.infer<typeof draftNodeSchema>
/** Parsed nodeParameterSchema. */
export type NodeParameterBody = z.infer<typeof nodeParameterSchema>
/** Parsed checkedNodeSchema. */
export type CheckedNodeBody = z.infer<typeof checkedNodeSchema>
/** Parsed consoleCheckBodySchema. */
export type ConsoleCheckBody = z.infer<typeof consoleCheckBodySchema>
