// One statement cut at the tables it reads and at the values put into it, so that it can be put together again with other tables
// and other values without being read again.
import { readCode, type Code } from './code.ts'
import { findTables } from './find-tables.ts'
import { withoutComment } from './strip-comments.ts'
import type { TableReference } from './table-reference.ts'

/** A piece of a statement: text that stays, a value by its index, a table, or the FINAL and SAMPLE of the table before. */
export type StatementPart =
  | { readonly part: 'text'; readonly text: string }
  | { readonly part: 'value'; readonly index: number }
  | { readonly part: 'table'; readonly reference: TableReference }
  | { readonly part: 'modifiers'; readonly text: string }

/** Where a value stands in the text. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** A statement in pieces: without comments, without blanks around it. */
export interface CutStatement {
  readonly parts: readonly StatementPart[]
  /** Lines of the text before the first piece, to count lines from the text's own beginning. */
  readonly linesBefore: number
  /** False when a value is not one literal of its own, or part of what is read: then `parts` hold all values as text. */
  readonly hasValues: boolean
}

/**
 * Cuts a statement. Joined with its own tables and values it is the statement with each comment made a space.
 * @param end UTF-16 offset behind the last character that counts (a trailing FORMAT is left out so).
 * @param values ranges of values in text order.
 * @throws fault `query.refused` as findTables.
 */
export function cutStatement(
  text: string | Code,
  end: number,
  values: readonly Range[],
): CutStatement {
  const code = readCode(text)
  const references = findTables(code).references.filter((each) => each.start < end)
  const start = code.tokens[0]?.start ?? 0
  const linesBefore = countLines(code.sql, start)
  const parts = new Cutter(code, references, values).cut(start, end)
  return parts === null
    ? {
        parts: new Cutter(code, references, []).cut(start, end) ?? [],
        linesBefore,
        hasValues: false,
      }
    : { parts, linesBefore, hasValues: true }
}

function countLines(text: string, end: number): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

class Cutter {
  readonly #code: Code
  readonly #references: readonly TableReference[]
  readonly #values: readonly Range[]
  readonly #parts: StatementPart[] = []
  #text = ''

  constructor(code: Code, references: readonly TableReference[], values: readonly Range[]) {
    this.#code = code
    this.#references = references
    this.#values = values
  }

  /** Null when a value is none that can be exchanged. */
  cut(start: number, end: number): StatementPart[] | null {
    const { all } = this.#code
    let reference = 0
    let value = 0
    let until = start
    let modifiers: TableReference['modifiers'] = null
    for (const token of all) {
      if (token.start < until) continue
      if (token.start >= end) break
      const table = this.#references[reference]
      const slot = this.#values[value]
      until = token.end
      if (table?.start === token.start) {
        this.#push({ part: 'table', reference: table })
        modifiers = table.modifiers
        until = table.end
        reference++
      } else if (modifiers?.start === token.start) {
        this.#push({ part: 'modifiers', text: modifiers.text })
        until = modifiers.end
      } else if (slot?.start === token.start) {
        if (slot.end !== token.end || (token.kind !== 'string' && token.kind !== 'number'))
          return null
        this.#push({ part: 'value', index: value })
        value++
      } else this.#text += token.kind === 'comment' ? withoutComment(token.text) : token.text
    }
    this.#push({ part: 'text', text: '' })
    return value === this.#values.length ? this.#parts : null
  }

  #push(part: StatementPart): void {
    if (this.#text !== '') this.#parts.push({ part: 'text', text: this.#text })
    this.#text = ''
    if (part.part !== 'text' || part.text !== '') this.#parts.push(part)
  }
}
