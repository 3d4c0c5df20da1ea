import {
  AGGREGATES,
  AGGREGATES_ANY_CASE,
  FUNCTIONS,
  FUNCTIONS_ANY_CASE,
} from './allowed-functions.ts'

/** Functions that a query may call, sorted, without the combinators of aggregates: for editors to propose. */
export const functionNames: readonly string[] = [
  ...new Set([...AGGREGATES, ...AGGREGATES_ANY_CASE, ...FUNCTIONS, ...FUNCTIONS_ANY_CASE]),
].sort((a, b) => a.localeCompare(b))
