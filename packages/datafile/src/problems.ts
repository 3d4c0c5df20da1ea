import type { DatafileProblem, Place } from './model.ts'

/** Collects what is wrong with one file; bounded, so that a hostile file cannot make a hostile answer. */
export interface Problems {
  readonly errors: readonly DatafileProblem[]
  readonly warnings: readonly DatafileProblem[]
  error(place: Place, message: string, hint?: string): void
  warn(place: Place, message: string, hint?: string): void
}

const PROBLEMS_MAX = 100

/** Makes an empty collection for `filename`. Keeps the first 100 errors and the first 100 warnings. */
export function createProblems(filename: string): Problems {
  const errors: DatafileProblem[] = []
  const warnings: DatafileProblem[] = []
  const add = (to: DatafileProblem[], place: Place, message: string, hint?: string): void => {
    if (to.length >= PROBLEMS_MAX) return
    const { line, column } = place
    to.push(
      hint === undefined
        ? { filename, line, column, message }
        : { filename, line, column, message, hint },
    )
  }
  return {
    errors,
    warnings,
    error: (place, message, hint) => {
      add(errors, place, message, hint)
    },
    warn: (place, message, hint) => {
      add(warnings, place, message, hint)
    },
  }
}
