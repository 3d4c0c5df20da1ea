import type { HiddenColumn } from '@sandpiper/deployment'
import { quoteIdentifier } from '@sandpiper/sql'

/** A `*` without these columns, whether they are there or not. Plain names where they will do: the gate knows statements with such again. */
export function allBut(columns: readonly HiddenColumn[]): string {
  if (!columns.some(({ isNested }) => isNested))
    return `* EXCEPT (${columns.map(({ name }) => quoteIdentifier(name)).join(', ')})`
  return `* EXCEPT ('${patternOf(columns, '(?:$|\\.)')}')`
}

/**
 * `COLUMNS(...)` for these columns in the order of what is read, in place of a `*`: a deployment that is staged adds its columns to the same
 * table, and nobody has looked whether those hold dictionaries.
 * @param columns at least one.
 * @param nested whether a name may be of a Nested, which is several columns: `a.b` and `a.c`.
 */
export function namedColumns(
  columns: readonly { readonly name: string }[],
  { nested }: { readonly nested: boolean },
): string {
  return `COLUMNS('${patternOf(columns, nested ? '(?:$|\\.)' : '$')}')`
}

/** Within a literal. */
function patternOf(columns: readonly { readonly name: string }[], end: string): string {
  const names = columns.map(({ name }) => name.replaceAll(/[^\w\u0080-\uffff]/g, '\\$&'))
  return `^(?:${names.join('|')})${end}`.replaceAll(/[\\']/g, '\\$&')
}
