// The answer of a query for people: FORMAT JSON as a table, with every digit of its numbers.
import { canonicalJson, elementsOf, membersOf } from './json-text.ts'
import { table } from './print.ts'

/** An answer of FORMAT JSON as a table under the names of its columns; null for any other text. */
export function resultTable(text: string): string | null {
  try {
    const answer = membersOf(text)
    const headings = elementsOf(answer.get('meta') ?? '').map((column) =>
      String(cellOf(membersOf(column).get('name'))),
    )
    const rows = elementsOf(answer.get('data') ?? '').map(membersOf)
    return table(
      headings,
      rows.map((row) => headings.map((name) => cellOf(row.get(name)))),
    )
  } catch {
    return null
  }
}

/** What stands for a value: JavaScript's numbers would round those of 64 bits. */
function cellOf(value: string | undefined): string | null {
  const text = value?.trim() ?? 'null'
  if (text === 'null') return null
  if (text.startsWith('"')) return JSON.parse(text) as string
  return /^[[{]/.test(text) ? canonicalJson(text) : text
}
