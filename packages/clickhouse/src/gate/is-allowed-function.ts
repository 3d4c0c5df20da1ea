import {
  AGGREGATES,
  AGGREGATES_ANY_CASE,
  COMBINATORS,
  FUNCTIONS,
  FUNCTIONS_ANY_CASE,
} from './allowed-functions.ts'

const anyCase = (names: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...names].map((name) => name.toLowerCase()))
const LOWER_FUNCTIONS = anyCase(FUNCTIONS_ANY_CASE)
const LOWER_AGGREGATES = anyCase(AGGREGATES_ANY_CASE)
const SUFFIXES = [...COMBINATORS]

/** Longer names are refused without a look; the longest of the engine has 51 characters. */
const NAME_LENGTH_MAX = 120

/**
 * True when a query may call the function of this name, as written: the lists of allowed-functions.ts, and aggregates with
 * any chain of combinators (`sumIf`, `uniqMergeState`).
 */
export function isAllowedFunction(name: string): boolean {
  if (name.length > NAME_LENGTH_MAX) return false
  return FUNCTIONS.has(name) || LOWER_FUNCTIONS.has(name.toLowerCase()) || isAggregate(name)
}

function isAggregate(name: string): boolean {
  if (AGGREGATES.has(name) || LOWER_AGGREGATES.has(name.toLowerCase())) return true
  return SUFFIXES.some(
    (suffix) =>
      name.length > suffix.length &&
      name.endsWith(suffix) &&
      isAggregate(name.slice(0, -suffix.length)),
  )
}
