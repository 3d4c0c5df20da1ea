// The limits and output forms every query of a caller runs under; a caller's own settings may only be of the allowed few.
import type { EffectiveLimits, Limits } from '@sandpiper/tokens'

/** Limits on the text and the tree, for parsing alone and for running. */
export const AST_LIMITS = {
  max_query_size: 4_194_304,
  max_ast_depth: 1_000,
  max_ast_elements: 50_000,
  max_expanded_ast_elements: 500_000,
  max_parser_depth: 1_000,
  max_parser_backtracks: 1_000_000,
} as const

/** What the process may spend on one query. */
export interface QueryLimits {
  /** Seconds. */
  readonly timeoutSeconds: number
  /** Bytes of the result. */
  readonly resultBytesMax: number
  /** Bytes of memory; default 2 GiB. */
  readonly memoryBytesMax?: number | undefined
  /** Rows read from tables; default 50 billion. */
  readonly rowsReadMax?: number | undefined
  /** Bytes read from tables, unpacked; default 10 TB. */
  readonly bytesReadMax?: number | undefined
  /** Elements of the syntax tree of what is run; default that of AST_LIMITS. */
  readonly astElementsMax?: number | undefined
}

/** What one query may spend when nobody says else. */
const DEFAULTS = {
  memoryBytesMax: 2 * 1_073_741_824,
  rowsReadMax: 50_000_000_000,
  bytesReadMax: 10_000_000_000_000,
  astElementsMax: AST_LIMITS.max_ast_elements,
}

/** What a question about a statement of a project may take: the engine evaluates scalar subqueries while it describes. */
export const DESCRIBE_LIMITS: QueryLimits = { timeoutSeconds: 30, resultBytesMax: 16 * 1_048_576 }

/** Limits of a process as limits of a server. */
export function limitsOfProcess(limits: QueryLimits): Limits {
  return {
    max_execution_time: limits.timeoutSeconds,
    max_result_bytes: limits.resultBytesMax,
    max_memory_usage: limits.memoryBytesMax ?? DEFAULTS.memoryBytesMax,
    max_rows_to_read: limits.rowsReadMax ?? DEFAULTS.rowsReadMax,
    max_bytes_to_read: limits.bytesReadMax ?? DEFAULTS.bytesReadMax,
    max_ast_elements: limits.astElementsMax ?? DEFAULTS.astElementsMax,
  }
}

/** Limits that hold for a caller, as one query is run under them. @param fallback where none is named. */
export function queryLimitsOf(limits: EffectiveLimits, fallback: QueryLimits): QueryLimits {
  return {
    timeoutSeconds: limits.max_execution_time?.value ?? fallback.timeoutSeconds,
    resultBytesMax: limits.max_result_bytes?.value ?? fallback.resultBytesMax,
    memoryBytesMax: limits.max_memory_usage?.value ?? fallback.memoryBytesMax,
    rowsReadMax: limits.max_rows_to_read?.value ?? fallback.rowsReadMax,
    bytesReadMax: limits.max_bytes_to_read?.value ?? fallback.bytesReadMax,
    astElementsMax: limits.max_ast_elements?.value ?? fallback.astElementsMax,
  }
}

/** Of limits that are one object for many callers, by what is wanted beside them: an object, and its text, made once for all of them. */
const remembered = new WeakMap<QueryLimits, Map<string, QuerySettings>>()
const REMEMBERED_MAX = 100

/** Frozen. */
export type QuerySettings = Readonly<Record<string, string | number>>

/**
 * Settings of a caller's query: read-only, all limits set, 64-bit integers as numbers, NaN and infinity as null, dates as
 * `YYYY-MM-DD hh:mm:ss`. @param wanted what the template asked for (`max_threads(4)`); only known names are taken, and never above a limit.
 */
export function querySettings(
  limits: QueryLimits,
  wanted: Readonly<Record<string, string | number>> = {},
): QuerySettings {
  const taken = takenOf(wanted)
  let known = remembered.get(limits)
  if (known === undefined) remembered.set(limits, (known = new Map<string, QuerySettings>()))
  // Of numbers and names that are ours: nothing a caller writes can look like something else.
  const key = taken.join(' ')
  const same = known.get(key)
  if (same !== undefined) return same
  const made = Object.freeze({ ...settingsUnder(limits), ...Object.fromEntries(taken) })
  if (known.size >= REMEMBERED_MAX) known.clear()
  known.set(key, made)
  return made
}

/** What is wanted and may be. */
function takenOf(wanted: QuerySettings): (readonly [name: string, value: number])[] {
  const taken: (readonly [string, number])[] = []
  for (const [name, max] of WANTED_MAX) {
    const value = Object.hasOwn(wanted, name) ? Number(wanted[name]) : Number.NaN
    if (Number.isFinite(value) && value >= 0) taken.push([name, Math.min(value, max)])
  }
  for (const name of WANTED_FLAGS) {
    if (Object.hasOwn(wanted, name)) taken.push([name, Number(wanted[name]) === 1 ? 1 : 0])
  }
  return taken
}

function settingsUnder(limits: QueryLimits): QuerySettings {
  return {
    ...AST_LIMITS,
    max_ast_elements: limits.astElementsMax ?? DEFAULTS.astElementsMax,
    readonly: 1,
    max_execution_time: limits.timeoutSeconds,
    timeout_overflow_mode: 'throw',
    max_memory_usage: limits.memoryBytesMax ?? DEFAULTS.memoryBytesMax,
    max_result_bytes: limits.resultBytesMax,
    result_overflow_mode: 'throw',
    max_rows_to_read: limits.rowsReadMax ?? DEFAULTS.rowsReadMax,
    max_bytes_to_read: limits.bytesReadMax ?? DEFAULTS.bytesReadMax,
    read_overflow_mode: 'throw',
    max_subquery_depth: 100,
    output_format_json_quote_64bit_integers: 0,
    output_format_json_quote_denormals: 0,
    output_format_json_escape_forward_slashes: 0,
    date_time_output_format: 'simple',
  }
}

/** Settings a template may ask for, with their highest value. */
const WANTED_MAX: readonly (readonly [string, number])[] = [['max_threads', 64]]

/** Switches that a template, a query parameter or the compiler may ask for. */
const WANTED_FLAGS: readonly string[] = [
  'output_format_json_quote_64bit_integers',
  'output_format_json_quote_denormals',
  'output_format_parquet_string_as_string',
  'optimize_read_in_order',
  'final',
  'apply_prewhere_after_final',
  'enable_lazy_columns_replication',
]
