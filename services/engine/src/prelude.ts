// What is set on a fresh connection before the caller's statement runs there, in a text of its own: positions in error
// messages then count from the start of the caller's text, and nothing of the caller's is parsed together with ours.
import { quoteIdentifier } from '@sandpiper/sql'

import { engineError } from './engine-error.ts'

export interface Prelude {
  readonly database: string | null
  readonly settings: ReadonlyMap<string, string>
  readonly params: ReadonlyMap<string, string>
}

/** A query never runs longer, whatever it asks for. */
export const QUERY_SECONDS_MAX = 3600
/** Bytes of a result that has to be built in memory (SHOW, EXPLAIN ...), unless the caller says. Tinybird's limit of a result. */
const RESULT_BYTES_MAX = 100_000_000
/** `clickhouse local` differs from a server in these. */
const AS_A_SERVER = { implicit_select: '0', allow_introspection_functions: '0' }
/**
 * Loads stand back behind queries, on the same processors. Without CAP_SYS_NICE the engine leaves all threads as they are. Queries are one
 * off, for a thread that a load has used is left where it was, and 0 would not take it back.
 */
const NICENESS = {
  load: { os_threads_nice_value_query: '10', os_threads_nice_value_materialized_view: '10' },
  query: { os_threads_nice_value_query: '1' },
}
const SETTING = /^[A-Za-z_][A-Za-z0-9_.]{0,127}$/

/**
 * Writes the statements that set database, settings and parameters. Safe for any names and values.
 * @param options.purpose the result of all but a SELECT is built as one document, so `max_result_bytes` is set.
 * @throws EngineError UNKNOWN_SETTING for a name that cannot be one.
 */
export function writePrelude(
  prelude: Prelude,
  options: {
    readonly querySeconds: number
    readonly purpose: Purpose
    /** A setting of ours, which no caller sets. */
    readonly reserved: string
  },
): string {
  const niceness = options.purpose === 'load' ? NICENESS.load : NICENESS.query
  const settings = new Map<string, string>(Object.entries({ ...AS_A_SERVER, ...niceness }))
  if (options.purpose !== 'select') {
    settings.set('max_result_bytes', String(RESULT_BYTES_MAX))
    settings.set('result_overflow_mode', 'throw')
  }
  for (const [name, value] of prelude.settings) settings.set(name, value)
  settings.delete(options.reserved)
  settings.set(
    'max_execution_time',
    executionSeconds(settings.get('max_execution_time'), options.querySeconds),
  )
  for (const [name, value] of prelude.params) settings.set(`param_${name}`, value)
  const pairs = [...settings].map(([name, value]) => `${settingName(name)} = ${quoteString(value)}`)
  const set = `SET ${pairs.join(', ')}`
  return prelude.database === null ? set : `USE ${quoteIdentifier(prelude.database)}; ${set}`
}

/** What a connection is set up for. */
export type Purpose = 'select' | 'load' | 'other'

/** Writes each prelude once for as long as it lives: requests of one kind share theirs. @param write as writePrelude. */
export function rememberPreludes(
  write: (prelude: Prelude, purpose: Purpose) => string,
): (prelude: Prelude, purpose: Purpose) => string {
  const known = {
    select: new WeakMap<Prelude, string>(),
    load: new WeakMap<Prelude, string>(),
    other: new WeakMap<Prelude, string>(),
  }
  return (prelude, purpose) => {
    const texts = known[purpose]
    let text = texts.get(prelude)
    if (text === undefined) {
      text = write(prelude, purpose)
      texts.set(prelude, text)
    }
    return text
  }
}

/** The same statements, and one more setting, by which the query can be found. */
export function withMark(text: string, [name, value]: readonly [string, string]): string {
  return `${text}, ${settingName(name)} = ${quoteString(value)}`
}

/** A string literal. Source: ClickHouse syntax page, string literals, read 2026-11. */
export function quoteString(value: string): string {
  return `'${value.replace(/[\\'\0]/g, (character) => (character === '\0' ? '\\0' : `\\${character}`))}'`
}

function settingName(name: string): string {
  if (!SETTING.test(name))
    throw engineError('UNKNOWN_SETTING', `Unknown setting '${name.slice(0, 128)}'.`)
  return name
}

/** 0 means without limit to ClickHouse: here it means the most there is. */
function executionSeconds(asked: string | undefined, fallback: number): string {
  if (asked === undefined) return String(fallback)
  const seconds = Number(asked)
  return Number.isFinite(seconds) && (seconds <= 0 || seconds > QUERY_SECONDS_MAX)
    ? String(QUERY_SECONDS_MAX)
    : asked
}
