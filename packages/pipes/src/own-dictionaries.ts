// Columns of LowCardinality share a dictionary with rows that a filter leaves out, and the engine computes many functions once for each entry
// of it: `toFixedString(c, 2)` fails by a value that the token may not see, `lowCardinalityIndices(c)` counts them.
import type { Column } from '@sandpiper/datafile'
import { quoteIdentifier } from '@sandpiper/sql'

/** Types whose parts no CAST takes to another type and back. */
const LEFT_ALONE = /\b(?:AggregateFunction|JSON|Object|Variant|Dynamic)\(/

/**
 * What stands behind the `*` of a filtered table so that each such column has a dictionary of its own, made of the rows that are left; the
 * types stay. Empty when there is none.
 */
export function ownDictionaries(columns: readonly Pick<Column, 'name' | 'type'>[]): string {
  const shared = columns.filter(
    ({ type }) => type.includes('LowCardinality(') && !LEFT_ALONE.test(type),
  )
  if (shared.length === 0) return ''
  const own = shared.map(({ name, type }) => {
    const column = quoteIdentifier(name)
    return `CAST(CAST(${column} AS ${withoutDictionaries(type)}) AS ${type}) AS ${column}`
  })
  return ` REPLACE (${own.join(', ')})`
}

/** The type with what stands in each LowCardinality(...) in its place. */
function withoutDictionaries(type: string): string {
  const kept: string[] = []
  // True for brackets that stay.
  const open: boolean[] = []
  for (const [piece] of type.matchAll(/LowCardinality\(|'(?:[^'\\]|\\.)*'|[()]|[^()'L]+|[^]/g)) {
    const isDictionary = piece === 'LowCardinality('
    if (isDictionary || piece === '(') open.push(!isDictionary)
    if (isDictionary || (piece === ')' && open.pop() === false)) continue
    kept.push(piece)
  }
  return kept.join('')
}
