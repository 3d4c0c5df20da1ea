// The SELECT of a node as a materialization needs it: each aggregate as a state, which later rows can be added to. A view sees the rows of one
// load at a time, so whatever looks at all rows at once (HAVING, DISTINCT, windows, totals) cannot be in it. Pure; walks over tokens.
import { decodeToken, isText, quoteIdentifier, readCode, wordAt, type Code } from '@sandpiper/sql'

/** One column of the rewritten SELECT. */
export interface StateColumn {
  readonly name: string
  /** How the endpoint reads it again: `countMerge(c)`; null for a column to group by. */
  readonly merged: string | null
}

/** A SELECT that may be materialized, or why it may not. */
export type WithStates =
  | {
      readonly sql: string
      /** null: nothing is aggregated, and the columns are those that the engine names. */
      readonly columns: readonly StateColumn[] | null
      readonly warnings: readonly string[]
      readonly problem: null
    }
  | { readonly problem: string }

/** @param canonical the engine's spelling of an aggregate function, combinators included; null for any other function. */
export function withStates(given: string, canonical: (name: string) => string | null): WithStates {
  const code = readCode(given)
  const selects = topWords(code, 'SELECT')
  const [select] = selects
  if (select === undefined) return { problem: 'it is no SELECT' }
  const tail = clauses(code, select + 1)
  const items = itemsOf(code, select + 1, tail.get('FROM') ?? code.tokens.length)
  const isAggregated =
    tail.has('GROUP') || items.some(({ from, to }) => aggregateIn(code, from, to, canonical))
  if (!isAggregated && selects.length === 1) return cut(code, tail, null, [])
  if (selects.length > 1)
    return isAggregated
      ? { problem: 'a UNION of aggregates has no states: materialize each SELECT for itself' }
      : { sql: given, columns: null, warnings: [], problem: null }
  const refused = [...REFUSED].find(([word]) => tail.has(word))
  if (refused !== undefined) return { problem: refused[1] }
  const edits: Edit[] = []
  const columns: StateColumn[] = []
  for (const item of items) {
    const read = readItem(code, item, canonical)
    if ('problem' in read) return read
    edits.push(...read.edits)
    columns.push(read.column)
  }
  const problem = mixed(code, items, columns)
  return problem === null ? cut(code, tail, columns, edits) : { problem }
}

const WHOLE = 'sees the rows of one load at a time: put it in the endpoint over the materialization'
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['HAVING', `HAVING ${WHOLE}`],
  ['QUALIFY', `QUALIFY ${WHOLE}`],
  ['WINDOW', `a window ${WHOLE}`],
  ['TOTALS', `WITH TOTALS ${WHOLE}`],
  ['ROLLUP', `ROLLUP ${WHOLE}`],
  ['CUBE', `CUBE ${WHOLE}`],
  ['DISTINCT', `DISTINCT ${WHOLE}`],
])

/** Instead of the text between two offsets another. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

interface Item {
  readonly from: number
  /** The one behind it. */
  readonly to: number
}

/** The places of clauses at the top level, by their first word. */
function clauses(code: Code, from: number): Map<string, number> {
  const found = new Map<string, number>()
  const words = new Set(['FROM', 'GROUP', 'ORDER', 'LIMIT', 'OFFSET', ...REFUSED.keys()])
  for (const at of topLevel(code, from)) {
    const word = wordAt(code, at)
    const isName = isText(code, at - 1, '.') || wordAt(code, at - 1) === 'AS'
    if (words.has(word) && !isName && !found.has(word)) found.set(word, at)
  }
  return found
}

function topWords(code: Code, word: string): number[] {
  return [...topLevel(code, 0)].filter((at) => wordAt(code, at) === word)
}

/** Tokens outside of all brackets. */
function* topLevel(code: Code, from: number, to = code.tokens.length): Generator<number> {
  for (let at = from; at < to; at++) {
    yield at
    if (code.tokens[at]?.kind === 'open') at = code.closes[at] ?? to
  }
}

function itemsOf(code: Code, from: number, to: number): Item[] {
  const commas = [...topLevel(code, from, to)].filter((at) => code.tokens[at]?.kind === 'comma')
  const starts = [from, ...commas.map((at) => at + 1)]
  return starts.map((start, index) => ({ from: start, to: commas[index] ?? to }))
}

function readItem(
  code: Code,
  item: Item,
  canonical: (name: string) => string | null,
):
  { readonly edits: readonly Edit[]; readonly column: StateColumn } | { readonly problem: string } {
  const { from, to } = item
  const first = code.tokens[from]
  const last = code.tokens[to - 1]
  if (first === undefined || last === undefined) return { problem: 'a column is empty' }
  const text = code.sql.slice(first.start, last.end)
  const hasAlias = to - from > 2 && wordAt(code, to - 2) === 'AS'
  const end = hasAlias ? to - 2 : to
  const given = hasAlias || to - from === 1 ? decodeToken(last) : null
  const alias = given ?? (isPath(code, from, to) ? decodeToken(last) : null) ?? sanitized(text)
  const added: Edit[] =
    given === null
      ? [{ start: last.end, end: last.end, text: ` AS ${quoteIdentifier(alias)}` }]
      : []
  const name = isAggregateAt(code, from, canonical) ? canonical(first.text) : null
  const call = name === null ? null : callEnd(code, from + 1)
  if (name !== null && call?.end === end) {
    const { edits, merge } = asState(code, from, call.arguments, name)
    const merged = `${merge}(${quoteIdentifier(alias)})`
    return { edits: [...edits, ...added], column: { name: alias, merged } }
  }
  if ([...topLevel(code, from, end)].some((at) => wordAt(code, at) === 'OVER'))
    return { problem: `a window ${WHOLE}` }
  if (aggregateIn(code, from, end, canonical)) {
    return {
      problem: `the column ${alias} computes with aggregates: give each aggregate a column of its own, and compute in the endpoint`,
    }
  }
  if (last.text === '*' || text.endsWith('*'))
    return { problem: 'name the columns to group by instead of *' }
  return { edits: added, column: { name: alias, merged: null } }
}

/** A column under the name of a state must not be computed with. */
function mixed(code: Code, items: readonly Item[], columns: readonly StateColumn[]): string | null {
  const states = new Set(columns.filter(({ merged }) => merged !== null).map(({ name }) => name))
  for (const [index, { from, to }] of items.entries()) {
    const column = columns[index]
    if (column === undefined || column.merged !== null) continue
    for (let at = from; at < to; at++) {
      const token = code.tokens[at]
      const name = token === undefined ? null : decodeToken(token)
      if (name !== null && name !== column.name && states.has(name) && !isText(code, at + 1, '('))
        return `the column ${column.name} computes with ${name}, an aggregate: compute it in the endpoint`
    }
  }
  const names = columns.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  return twice === undefined ? null : `two columns are called ${twice}: give one another name`
}

function isAggregateAt(
  code: Code,
  at: number,
  canonical: (name: string) => string | null,
): boolean {
  const token = code.tokens[at]
  return token?.kind === 'word' && isText(code, at + 1, '(') && canonical(token.text) !== null
}

/** Whether an aggregate is called, but for those of subqueries. */
function aggregateIn(
  code: Code,
  from: number,
  to: number,
  canonical: (name: string) => string | null,
): boolean {
  for (let at = from; at < to; at++) {
    if (isSubquery(code, at)) at = code.closes[at] ?? to
    else if (isAggregateAt(code, at, canonical)) return true
  }
  return false
}

function isSubquery(code: Code, at: number): boolean {
  return isText(code, at, '(') && ['SELECT', 'WITH'].includes(wordAt(code, at + 1))
}

/** Behind `name(...)` or `name(...)(...)`, and where the arguments begin. */
function callEnd(code: Code, open: number): { readonly end: number; readonly arguments: number } {
  const next = (code.closes[open] ?? code.tokens.length) + 1
  return isText(code, next, '(')
    ? { end: (code.closes[next] ?? code.tokens.length) + 1, arguments: next }
    : { end: next, arguments: open }
}

const HAS_STATE = /^(.*?)(?:Simple)?State$/

function asState(
  code: Code,
  at: number,
  open: number,
  name: string,
): { readonly edits: Edit[]; readonly merge: string } {
  const token = code.tokens[at]
  const [start, end] = [token?.start ?? 0, token?.end ?? 0]
  const params = open === at + 1 ? '' : code.sql.slice(end, code.tokens[open]?.start)
  const own = HAS_STATE.exec(name)?.[1]
  if (own !== undefined) return { edits: [], merge: `${own}Merge${params}` }
  const distinct = wordAt(code, open + 1) === 'DISTINCT' ? code.tokens[open + 1] : undefined
  const base = distinct === undefined ? name : name === 'count' ? 'uniqExact' : `${name}Distinct`
  const edits = [{ start, end, text: `${base}State` }]
  if (distinct !== undefined) edits.push({ start: distinct.start, end: distinct.end, text: '' })
  return { edits, merge: `${base}Merge${params}` }
}

/** A column of a table: `t.a`. */
function isPath(code: Code, from: number, to: number): boolean {
  return code.tokens
    .slice(from, to)
    .every(({ kind }, index) =>
      index % 2 === 0 ? kind === 'word' || kind === 'identifier' : kind === 'dot',
    )
}

function sanitized(text: string): string {
  const words = text.match(/\w+/g) ?? []
  return (
    words
      .join('_')
      .slice(0, 60)
      .replace(/^(?=\d)/, '_') || 'value'
  )
}

/** Without what only a whole result can have. */
function cut(
  code: Code,
  tail: ReadonlyMap<string, number>,
  columns: readonly StateColumn[] | null,
  edits: readonly Edit[],
): WithStates {
  const refused = [...REFUSED].find(([word]) => tail.has(word))
  if (refused !== undefined) return { problem: refused[1] }
  const dropped = ['ORDER', 'LIMIT', 'OFFSET'].filter((word) => tail.has(word))
  const from = Math.min(...dropped.map((word) => tail.get(word) ?? code.tokens.length))
  const end = dropped.length === 0 ? code.sql.length : (code.tokens[from]?.start ?? code.sql.length)
  let sql = code.sql.slice(0, end)
  for (const edit of edits.toSorted((one, other) => other.start - one.start))
    sql = sql.slice(0, edit.start) + edit.text + sql.slice(edit.end)
  const warnings = dropped.map(
    (word) => `${word === 'ORDER' ? 'ORDER BY' : word} is left out: it belongs to the endpoint.`,
  )
  return { sql: sql.trimEnd(), columns, warnings, problem: null }
}
