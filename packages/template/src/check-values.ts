// The last line of defence behind the escaper: a value that stands where the template's own quotes or comments make its text
// mean something else ('{{x}}' or /* {{x}} */) is refused instead of being read as SQL.
import { tokenize } from '@sandpiper/sql'
import { TemplateError } from './template-error.ts'

/** Where a value of the template stands in the SQL. */
export interface ValueRange {
  readonly start: number
  readonly end: number
  /** Line of the template that wrote it. */
  readonly line: number
}

/**
 * Checks that each value either is made of whole tokens, or lies inside one token (a comment, a quoted name, a word).
 * @param ranges in text order.
 * @returns true when all of them are of the first kind.
 * @throws TemplateError naming the surroundings.
 */
export function checkValues(sql: string, ranges: readonly ValueRange[]): boolean {
  if (ranges.length === 0) return true
  let areWhole = true
  const tokens = tokenize(sql)
  let index = 0
  for (const { start, end, line } of ranges) {
    while ((tokens[index]?.end ?? Infinity) <= start) index++
    const first = tokens[index]
    if (first === undefined || end <= first.end) {
      if (first?.kind === 'error') throw misplaced(line)
      areWhole &&= first?.start === start && first.end === end
      continue
    }
    let last = index
    while ((tokens[last]?.end ?? Infinity) < end) last++
    const tail = tokens[last]
    // The line that a hint ends (`-- max_threads 4\n`) runs into the space that follows it: that is still whole tokens.
    const endsWhole = tail?.end === end || tail?.kind === 'whitespace'
    if (first.start !== start || !endsWhole) throw misplaced(line)
  }
  return areWhole
}

function misplaced(line: number): TemplateError {
  return new TemplateError(
    'ValueError',
    `a value stands inside quotes or a comment at line ${String(line)}: remove the quotes around {{ }}, they are added for you`,
    null,
    line,
  )
}
