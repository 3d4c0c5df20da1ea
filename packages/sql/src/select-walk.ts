// One walk over the tokens of a statement that knows where SELECT reads tables and which CTE names are in scope. It is
// structural: it follows clauses and brackets, not expressions. Where the engine would disagree, the engine's own AST decides
// later and the statement is refused; so this walk may be wrong about odd texts, but it may not be slow or throw.
import { fault } from '@sandpiper/faults'
import { isText, wordAt, type Code } from './code.ts'
import {
  CLAUSES,
  IN_FUNCTIONS,
  NOT_AN_ALIAS,
  isInOperator,
  operandExpected,
  readJoin,
} from './keywords.ts'
import { decodeToken } from './quote.ts'
import type { TableFunction, TableReference } from './table-reference.ts'

/**
 * Names that hide tables: CTEs, and scalar aliases of WITH for the right side of IN. A chain, because a copy of all names for
 * each body would be quadratic in the number of CTEs.
 */
export interface Scope {
  readonly outer: Scope | null
  readonly ctes: ReadonlySet<string>
  readonly scalars: ReadonlySet<string>
  /** The CTE whose body this is: its own name means the table there, unless it is a CTE further out. */
  readonly body: string | null
}

const NO_NAMES: ReadonlySet<string> = new Set()

/** The scope of a whole text: nothing is hidden. */
export const OUTERMOST: Scope = { outer: null, ctes: NO_NAMES, scalars: NO_NAMES, body: null }

/** A compound name read from the tokens. */
interface Name {
  readonly database: string | null
  readonly name: string
  /** Index after the name. */
  readonly next: number
}

/** Brackets within brackets that a statement may have; the engine's own parser stops near there too. */
const DEPTH_MAX = 250

const NAME_KINDS: ReadonlySet<string> = new Set(['word', 'identifier'])

/** The walk; `references` and `functions` fill in text order within each query. */
export class SelectWalk {
  readonly references: TableReference[] = []
  readonly functions: TableFunction[] = []
  readonly #code: Code
  #depth = 0

  constructor(code: Code) {
    this.#code = code
  }

  /** Walks one query, its UNION arms included, from `start` up to `end`. */
  query(start: number, end: number, scope: Scope): void {
    this.#enter()
    let first: Scope | null = null
    let arm = scope
    let hasBody = false
    for (let at = start; at < end;) {
      const word = wordAt(this.#code, at)
      if (word === 'WITH' && !hasBody) {
        ;[at, arm] = this.#with(at + 1, end, arm)
      } else if (word === 'FROM' && this.#isFromClause(at, at === start)) {
        hasBody = true
        at = this.#tables(at + 1, end, arm)
      } else if (this.#startsArm(at)) {
        hasBody = false
        first ??= arm
        arm = first
        at++
      } else if (hasBody && word !== '' && readJoin(this.#code, at) !== null) {
        at = this.#afterTable(at, end, arm)
      } else {
        hasBody ||= word === 'SELECT'
        at = this.#unit(at, end, arm)
      }
    }
    this.#depth--
  }

  /** WITH items up to SELECT or FROM. All CTE names of the list are visible in all its bodies, except a name in its own. */
  #with(start: number, end: number, outer: Scope): [number, Scope] {
    const recursive = wordAt(this.#code, start) === 'RECURSIVE'
    const ctes = new Set<string>()
    const scalars = new Set<string>()
    const bodies: { name: string; open: number }[] = []
    let at = recursive ? start + 1 : start
    const list = at
    while (at < end && !this.#endsWith(at)) {
      const cte = this.#cteAt(at)
      if (cte !== null) {
        bodies.push(cte)
        ctes.add(cte.name)
        at = this.#close(cte.open) + 1
      } else {
        const alias = wordAt(this.#code, at) === 'AS' ? this.#name(at + 1) : null
        if (alias !== null) scalars.add(alias.name)
        at = this.#code.tokens[at]?.kind === 'open' ? this.#close(at) + 1 : at + 1
      }
    }
    const scope: Scope = { outer, ctes, scalars, body: null }
    const opens = new Map(bodies.map(({ name, open }) => [open, name]))
    for (let each = list; each < at;) {
      const name = opens.get(each)
      if (name === undefined) each = this.#unit(each, at, scope)
      else {
        const body = recursive || isCte(outer, name) ? null : name
        const inside: Scope = { outer: scope, ctes: NO_NAMES, scalars: NO_NAMES, body }
        this.query(each + 1, this.#close(each), inside)
        each = this.#close(each) + 1
      }
    }
    return [at, scope]
  }

  #endsWith(at: number): boolean {
    const word = wordAt(this.#code, at)
    return (word === 'SELECT' || word === 'FROM') && !operandExpected(this.#code, at)
  }

  /** `name [(columns)] AS [[NOT] MATERIALIZED] (query)`. */
  #cteAt(at: number): { name: string; open: number } | null {
    if (this.#code.tokens[at - 1]?.kind === 'dot') return null
    const name = this.#name(at)
    if (name?.database !== null) return null
    let next = isText(this.#code, name.next, '(') ? this.#close(name.next) + 1 : name.next
    if (wordAt(this.#code, next) !== 'AS') return null
    next++
    if (wordAt(this.#code, next) === 'NOT') next++
    if (wordAt(this.#code, next) === 'MATERIALIZED') next++
    return isText(this.#code, next, '(') && this.#isQuery(next + 1, this.#close(next))
      ? { name: name.name, open: next }
      : null
  }

  #isFromClause(at: number, isFirst: boolean): boolean {
    const code = this.#code
    if (!isFirst && (wordAt(code, at - 1) === 'FILL' || operandExpected(code, at))) return false
    const next = code.tokens[at + 1]
    if (next === undefined) return false
    if (next.kind === 'word')
      return !['FROM', 'AS', 'AND', 'OR', 'IN'].includes(next.text.toUpperCase())
    return ['identifier', 'string', 'parameter', 'heredoc'].includes(next.kind) || next.text === '('
  }

  /** UNION, EXCEPT or INTERSECT between queries; `* EXCEPT (a, b)` is a column list. */
  #startsArm(at: number): boolean {
    if (
      !['UNION', 'EXCEPT', 'INTERSECT'].includes(wordAt(this.#code, at)) ||
      operandExpected(this.#code, at)
    )
      return false
    const next = ['ALL', 'DISTINCT'].includes(wordAt(this.#code, at + 1)) ? at + 2 : at + 1
    return wordAt(this.#code, next) === 'FROM' || this.#isQuery(next, this.#code.tokens.length)
  }

  /** True when a group or an arm begins like a query. */
  #isQuery(start: number, end: number): boolean {
    let at = start
    while (at < end && isText(this.#code, at, '(')) at++
    const word = wordAt(this.#code, at)
    if (word === 'SELECT' || word === 'EXPLAIN')
      return at + 1 < end && !isText(this.#code, at + 1, ',')
    if (word === 'WITH')
      return NAME_KINDS.has(this.#code.tokens[at + 1]?.kind ?? '') || at + 1 < end
    return word === 'FROM' && this.#hasSelect(at + 1, end)
  }

  #hasSelect(start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      if (wordAt(this.#code, at) === 'SELECT') return true
      if (this.#code.tokens[at]?.kind === 'open') at = this.#close(at)
      else if (this.#code.tokens[at]?.kind === 'close') return false
    }
    return false
  }

  /** The table list of a FROM clause; gives the index of the first token behind it. */
  #tables(start: number, end: number, scope: Scope): number {
    return this.#afterTable(this.#table(start, end, scope), end, scope)
  }

  #afterTable(start: number, end: number, scope: Scope): number {
    let at = start
    while (at < end) {
      const join = readJoin(this.#code, at)
      const word = wordAt(this.#code, at)
      if (this.#code.tokens[at]?.kind === 'comma') at = this.#table(at + 1, end, scope)
      else if (join?.isArray === true) at = this.#expressions(join.next, end, scope, true)
      else if (join !== null) at = this.#table(join.next, end, scope)
      else if (word === 'ON') at = this.#expressions(at + 1, end, scope, false)
      else if (word === 'USING')
        at = this.#expressions(at + 1, end, scope, !isText(this.#code, at + 1, '('))
      else return at
    }
    return at
  }

  /** Expressions inside a FROM clause: up to the next join, clause, or (unless commas belong to it) comma. */
  #expressions(start: number, end: number, scope: Scope, takesCommas: boolean): number {
    let at = start
    while (at < end) {
      if (this.#code.tokens[at]?.kind === 'comma' && !takesCommas) return at
      if (readJoin(this.#code, at) !== null) return at
      if (CLAUSES.has(wordAt(this.#code, at)) && !operandExpected(this.#code, at)) return at
      at = this.#unit(at, end, scope)
    }
    return at
  }

  #table(at: number, end: number, scope: Scope): number {
    const token = this.#code.tokens[at]
    if (token === undefined || at >= end) return end
    if (token.text === '(') {
      const close = this.#close(at)
      if (this.#isQuery(at + 1, close)) this.query(at + 1, Math.min(close, end), scope)
      else if (wordAt(this.#code, at + 1) === 'VALUES') this.#function('values', at, close, scope)
      else this.#bracketedTables(at + 1, Math.min(close, end), scope)
      return this.#behindTable(close + 1, end).next
    }
    const name =
      token.kind === 'parameter'
        ? { database: null, name: token.text, next: at + 1 }
        : this.#tableName(at)
    if (name === null) return at + 1
    if (isText(this.#code, name.next, '(') && token.kind !== 'parameter') {
      const close = this.#close(name.next)
      this.#function(
        name.database === null ? name.name : `${name.database}.${name.name}`,
        at,
        close,
        scope,
      )
      return this.#behindTable(close + 1, end).next
    }
    const behind = this.#behindTable(name.next, end)
    const kind = token.kind === 'parameter' ? 'parameter' : 'table'
    if (kind === 'parameter' || name.database !== null || !isCte(scope, name.name)) {
      this.#refer(kind, name, at, name.next, behind.alias, behind.modifiers)
    }
    return behind.next
  }

  #bracketedTables(start: number, end: number, scope: Scope): void {
    this.#enter()
    let at = this.#tables(start, end, scope)
    while (at < end) at = this.#unit(at, end, scope)
    this.#depth--
  }

  #function(name: string, start: number, close: number, scope: Scope): void {
    const { tokens } = this.#code
    const open = isText(this.#code, start, '(') ? start : this.#openBefore(start)
    this.functions.push({
      name,
      start: tokens[start]?.start ?? 0,
      end: tokens[close]?.end ?? this.#code.sql.length,
    })
    this.#group(open, close, scope)
  }

  #openBefore(start: number): number {
    let at = start
    while (this.#code.tokens[at] !== undefined && !isText(this.#code, at, '(')) at++
    return at
  }

  /** `[AS alias [(columns)]] [FINAL] [SAMPLE r [OFFSET r]]`. */
  #behindTable(
    start: number,
    end: number,
  ): { alias: string | null; modifiers: TableReference['modifiers']; next: number } {
    const { tokens, sql } = this.#code
    let at = start
    let alias: string | null = null
    const named = wordAt(this.#code, at) === 'AS' ? at + 1 : at
    const token = tokens[named]
    const isAlias =
      token !== undefined &&
      named < end &&
      NAME_KINDS.has(token.kind) &&
      (named > at || !NOT_AN_ALIAS.has(wordAt(this.#code, named)))
    if (isAlias) {
      alias = decodeToken(token)
      at = named + 1
      if (isText(this.#code, at, '(')) at = this.#close(at) + 1
    }
    const first = at
    if (wordAt(this.#code, at) === 'FINAL') at++
    if (wordAt(this.#code, at) === 'SAMPLE') {
      at = this.#ratio(at + 1)
      if (wordAt(this.#code, at) === 'OFFSET') at = this.#ratio(at + 1)
    }
    const [from, to] = [tokens[first]?.start ?? 0, tokens[at - 1]?.end ?? 0]
    const modifiers = at > first ? { text: sql.slice(from, to), start: from, end: to } : null
    return { alias, modifiers, next: at }
  }

  #ratio(at: number): number {
    return isText(this.#code, at + 1, '/') ? at + 3 : at + 1
  }

  /** One token of an expression, or a bracket with all that is in it. Gives the next index. */
  #unit(at: number, end: number, scope: Scope): number {
    const token = this.#code.tokens[at]
    if (token?.kind === 'open') {
      const close = Math.min(this.#close(at), end)
      this.#group(at, close, scope)
      return close + 1
    }
    if (wordAt(this.#code, at) === 'IN' && isInOperator(this.#code, at))
      this.#in(at + 1, end, scope)
    return at + 1
  }

  #group(open: number, close: number, scope: Scope): void {
    if (isText(this.#code, open, '(') && this.#isQuery(open + 1, close)) {
      this.query(open + 1, close, scope)
      return
    }
    this.#enter()
    const called = wordAt(this.#code, open - 1).toLowerCase()
    if (IN_FUNCTIONS.has(called) && !isInOperator(this.#code, open - 1)) {
      this.#secondArgument(open + 1, close, scope)
    }
    for (let at = open + 1; at < close;) {
      const isHidden =
        wordAt(this.#code, at) === 'SELECT' &&
        !operandExpected(this.#code, at) &&
        this.#code.tokens[at - 1]?.kind !== 'comma'
      if (isHidden) {
        this.query(at, close, scope)
        break
      }
      at = this.#unit(at, close, scope)
    }
    this.#depth--
  }

  #secondArgument(start: number, close: number, scope: Scope): void {
    for (let at = start; at < close; at++) {
      if (this.#code.tokens[at]?.kind === 'open') at = this.#close(at)
      else if (this.#code.tokens[at]?.kind === 'comma') {
        this.#inTable(at + 1, close, scope)
        return
      }
    }
  }

  /** The right side of IN: `name`, `db.name` or the same in brackets may be a table. */
  #in(at: number, end: number, scope: Scope): void {
    const next = isText(this.#code, at, '(') ? this.#close(at) + 1 : (this.#name(at)?.next ?? at)
    const after = this.#code.tokens[next]
    const goesOn =
      after !== undefined &&
      next < end &&
      (after.kind === 'open' || after.kind === 'dot' || after.kind === 'operator')
    if (this.#code.tokens[at]?.kind === 'parameter') this.#inTable(at, at + 1, scope)
    else if (!goesOn || isText(this.#code, at, '(')) this.#inTable(at, next, scope)
  }

  /** Reports the tokens [start, end) when they are one name, bracketed or not, that no WITH hides. */
  #inTable(start: number, end: number, scope: Scope): void {
    if (end > this.#code.tokens.length) return
    let [from, to] = [start, end]
    while (isText(this.#code, from, '(') && this.#close(from) === to - 1) {
      from++
      to--
    }
    const token = this.#code.tokens[from]
    if (token?.kind === 'parameter' && to === from + 1) {
      if (/:\s*Identifier\s*\}$/i.test(token.text))
        this.#refer(
          'parameter',
          { database: null, name: token.text, next: to },
          start,
          end,
          null,
          null,
        )
      return
    }
    const name = this.#name(from)
    if (name?.next !== to || wordAt(this.#code, from) === 'NULL') return
    if (name.database === null && (isCte(scope, name.name) || isScalar(scope, name.name))) return
    this.#refer('in', name, start, end, null, null)
  }

  #refer(
    kind: TableReference['kind'],
    name: Name,
    start: number,
    end: number,
    alias: string | null,
    modifiers: TableReference['modifiers'],
  ): void {
    const { tokens } = this.#code
    this.references.push({
      kind,
      database: name.database,
      name: name.name,
      start: tokens[start]?.start ?? 0,
      end: tokens[end - 1]?.end ?? 0,
      alias,
      modifiers,
    })
  }

  /** A table may also be written as a string: `FROM 'events'`. */
  #tableName(at: number): Name | null {
    const token = this.#code.tokens[at]
    if (token?.kind === 'string' || token?.kind === 'heredoc')
      return { database: null, name: decodeToken(token) ?? '', next: at + 1 }
    return this.#name(at)
  }

  #name(at: number): Name | null {
    const parts: string[] = []
    let next = at
    for (;;) {
      const token = this.#code.tokens[next]
      if (token === undefined || !NAME_KINDS.has(token.kind)) break
      parts.push(decodeToken(token) ?? '')
      next++
      if (
        this.#code.tokens[next]?.kind !== 'dot' ||
        !NAME_KINDS.has(this.#code.tokens[next + 1]?.kind ?? '')
      )
        break
      next++
    }
    const name = parts.pop()
    return name === undefined
      ? null
      : { database: parts.length === 0 ? null : parts.join('.'), name, next }
  }

  #close(open: number): number {
    return this.#code.closes[open] ?? this.#code.tokens.length
  }

  #enter(): void {
    this.#depth++
    if (this.#depth > DEPTH_MAX)
      throw fault('query.refused', {
        public: `The query is nested more than ${String(DEPTH_MAX)} levels deep.`,
      })
  }
}

function isCte(scope: Scope, name: string): boolean {
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    if (at.ctes.has(name)) return true
    if (at.body === name) return false
  }
  return false
}

function isScalar(scope: Scope, name: string): boolean {
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    if (at.scalars.has(name)) return true
  }
  return false
}
