// Whose limit ended a query. The engine names a number at most; whoever called has to know whom to ask for more.
import { fault, type Fault } from '@sandpiper/faults'
import { LIMIT_UNITS, type EffectiveLimits, type LimitName } from '@sandpiper/tokens'

const LIMIT_OF_CODE: ReadonlyMap<string, LimitName> = new Map([
  ['158', 'max_rows_to_read'],
  ['159', 'max_execution_time'],
  ['160', 'max_execution_time'],
  ['168', 'max_ast_elements'],
  ['241', 'max_memory_usage'],
  ['307', 'max_bytes_to_read'],
  ['396', 'max_result_bytes'],
])

/** What the engine says when all queries together have no memory left: no limit of this one. */
const TOTAL_MEMORY = /\(total\)/

/**
 * The limit that a failure of the engine is about, by its code; null for any other failure.
 * @param limits those that the query ran under.
 */
export function limitOf(err: Fault, limits: EffectiveLimits): HitLimit | null {
  const name = LIMIT_OF_CODE.get(err.details.headers?.['X-DB-Exception-Code'] ?? '')
  const limit = name === undefined ? undefined : limits[name]
  if (name === undefined || limit === undefined) return null
  return name === 'max_memory_usage' && TOTAL_MEMORY.test(err.details.public)
    ? null
    : { name, ...limit }
}

/** A limit that ended a query. */
export interface HitLimit {
  readonly name: LimitName
  readonly value: number
  readonly from: string
}

/** The same failure with the name, the value and the unit of the limit, and whose it is. */
export function nameLimit(err: Fault, { name, value, from }: HitLimit): Fault {
  const text = err.details.public
  const told = `Limit of the ${from}: ${name} = ${value} ${LIMIT_UNITS[name]}`
  const at = text.search(/ \([A-Z][A-Z0-9_]{2,80}\)$/)
  const said = (at < 0 ? text : text.slice(0, at)).replace(/[.,;: ]$/, '')
  return fault(err.code, {
    ...err.details,
    public: `${said}. ${told}${at < 0 ? '.' : text.slice(at)}`,
    cause: err,
  })
}
