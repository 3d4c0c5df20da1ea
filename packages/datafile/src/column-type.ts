// ClickHouse type text: parsed into a tree, and printed in one spelling, so that two spellings of one type compare equal.
// Accepts what ClickHouse accepts inside a column definition and nothing that could leave it.
import { isTypeWord } from './type-words.ts'

/** A type or one of its arguments. */
export type TypeTree =
  | { readonly kind: 'type'; readonly name: string; readonly args: readonly TypeArgument[] | null }
  /** A number or a quoted string, as written. */
  | { readonly kind: 'literal'; readonly text: string }

/** One argument: `label` is the field name of a Tuple, Nested or JSON path; `value` may follow `=` as in Enum8('a' = 1). */
export interface TypeArgument {
  readonly label: string | null
  readonly tree: TypeTree
  readonly equals: string | null
}

/** Why a type text is no type, and where: `offset` in characters from its start. */
export interface TypeProblem {
  readonly message: string
  readonly offset: number
}

const DEPTH_MAX = 64

/** Parses type text. Linear in its length; nesting beyond 64 levels is a problem, not a crash. */
export function parseType(text: string): TypeTree | TypeProblem {
  const tokens = tokenize(text)
  if (!Array.isArray(tokens)) return tokens
  const cursor: Cursor = { tokens, index: 0, end: text.length }
  const tree = readType(cursor, 0)
  if ('message' in tree) return tree
  const rest = cursor.tokens[cursor.index]
  return rest === undefined
    ? tree
    : problem(`Unexpected '${rest.text}' after the type`, rest.offset)
}

/** Whether parseType found a type. */
export function isType(result: TypeTree | TypeProblem): result is TypeTree {
  return !('message' in result)
}

/** Prints a tree in the one spelling: `Name(a, b)`, `'x' = 1`. */
export function printType(tree: TypeTree): string {
  if (tree.kind === 'literal') return tree.text
  if (tree.args === null) return tree.name
  return `${tree.name}(${tree.args.map(printArgument).join(', ')})`
}

/**
 * The one spelling of a column type: spaces settled and `Nullable(SimpleAggregateFunction(f, T))` turned inside out, as
 * Tinybird does. Text that is no type comes back unchanged.
 */
export function normalizeType(text: string): string {
  const tree = parseType(text)
  return isType(tree) ? printType(nullableInside(tree)) : text
}

/** Splits `Nullable(T)` into `T` and true. `LowCardinality(Nullable(T))` gives `LowCardinality(T)` and true. */
export function splitNullable(text: string): { type: string; nullable: boolean } {
  const tree = parseType(text)
  if (!isType(tree) || tree.kind !== 'type') return { type: text, nullable: false }
  const inner = onlyArgument(tree)
  if (tree.name === 'Nullable' && inner !== null) return { type: printType(inner), nullable: true }
  if (tree.name === 'LowCardinality' && inner?.kind === 'type' && inner.name === 'Nullable') {
    const innermost = onlyArgument(inner)
    if (innermost !== null)
      return { type: `LowCardinality(${printType(innermost)})`, nullable: true }
  }
  return { type: printType(tree), nullable: false }
}

function printArgument(argument: TypeArgument): string {
  const label = argument.label === null ? '' : `${argument.label} `
  const equals = argument.equals === null ? '' : ` = ${argument.equals}`
  return `${label}${printType(argument.tree)}${equals}`
}

function nullableInside(tree: TypeTree): TypeTree {
  if (tree.kind !== 'type' || tree.name !== 'Nullable') return tree
  const inner = onlyArgument(tree)
  if (inner?.kind !== 'type' || inner.name !== 'SimpleAggregateFunction') return tree
  const [fn, value] = inner.args ?? []
  if (fn === undefined || value?.tree.kind !== 'type') return inner
  if (value.tree.name === 'Nullable') return inner
  const nullable: TypeTree = {
    kind: 'type',
    name: 'Nullable',
    args: [{ label: null, tree: value.tree, equals: null }],
  }
  return { ...inner, args: [fn, { ...value, tree: nullable }] }
}

function onlyArgument(tree: TypeTree): TypeTree | null {
  return tree.kind === 'type' && tree.args?.length === 1 ? (tree.args[0]?.tree ?? null) : null
}

interface Token {
  readonly kind: 'word' | 'literal' | 'punctuation'
  readonly text: string
  readonly offset: number
}

interface Cursor {
  readonly tokens: readonly Token[]
  index: number
  readonly end: number
}

function readType(cursor: Cursor, depth: number): TypeTree | TypeProblem {
  const token = cursor.tokens[cursor.index]
  if (depth > DEPTH_MAX) return problem('The type is nested too deep', token?.offset ?? cursor.end)
  if (token === undefined) return problem('The type is incomplete', cursor.end)
  if (token.kind === 'punctuation')
    return problem(`Unexpected '${token.text}' in the type`, token.offset)
  cursor.index++
  if (token.kind === 'literal') return { kind: 'literal', text: token.text }
  if (depth === 0 && !isTypeWord(token.text))
    return problem(`Unknown type '${token.text}'`, token.offset)
  if (cursor.tokens[cursor.index]?.text !== '(')
    return { kind: 'type', name: token.text, args: null }
  const open = token.offset + token.text.length
  cursor.index++
  const args = readArguments(cursor, depth + 1, open)
  return Array.isArray(args) ? { kind: 'type', name: token.text, args } : args
}

function readArguments(cursor: Cursor, depth: number, open: number): TypeArgument[] | TypeProblem {
  const args: TypeArgument[] = []
  if (cursor.tokens[cursor.index]?.text === ')') {
    cursor.index++
    return args
  }
  for (;;) {
    const argument = readArgument(cursor, depth)
    if ('message' in argument) return argument
    args.push(argument)
    const next = cursor.tokens[cursor.index]
    if (next === undefined) return problem('Unclosed parenthesis', open)
    cursor.index++
    if (next.text === ')') return args
    if (next.text !== ',') return problem(`Unexpected '${next.text}' in the type`, next.offset)
  }
}

function readArgument(cursor: Cursor, depth: number): TypeArgument | TypeProblem {
  const label = labelAt(cursor)
  if (label !== null) cursor.index++
  const tree = readType(cursor, depth)
  if ('message' in tree) return tree
  if (cursor.tokens[cursor.index]?.text !== '=') return { label, tree, equals: null }
  const value = cursor.tokens[cursor.index + 1]
  if (value === undefined || value.kind === 'punctuation')
    return problem("Missing value after '='", value?.offset ?? cursor.end)
  cursor.index += 2
  return { label, tree, equals: value.text }
}

/** A word followed by another word or a literal is a field name (Tuple, Nested), a JSON path, or SKIP. */
function labelAt(cursor: Cursor): string | null {
  const token = cursor.tokens[cursor.index]
  const next = cursor.tokens[cursor.index + 1]
  if (token?.kind !== 'word' || next === undefined || next.kind === 'punctuation') return null
  if (token.text.toUpperCase() !== 'SKIP' || next.text.toUpperCase() !== 'REGEXP') return token.text
  // SKIP REGEXP '...' has two words before its literal.
  if (cursor.tokens[cursor.index + 2]?.kind !== 'literal') return token.text
  cursor.index++
  return `${token.text} ${next.text}`
}

function tokenize(text: string): Token[] | TypeProblem {
  const tokens: Token[] = []
  let index = 0
  while (index < text.length) {
    const char = text[index] ?? ''
    if (char.trim() === '') {
      index++
      continue
    }
    if ('(),='.includes(char)) {
      tokens.push({ kind: 'punctuation', text: char, offset: index })
      index++
      continue
    }
    const token = tokenAt(text, index)
    if ('message' in token) return token
    tokens.push(token)
    index += token.text.length
  }
  return tokens
}

function tokenAt(text: string, from: number): Token | TypeProblem {
  const char = text[from] ?? ''
  if (char === "'") {
    const end = quoteEnd(text, from)
    return end < 0
      ? problem('Unclosed quote', from)
      : { kind: 'literal', text: text.slice(from, end + 1), offset: from }
  }
  let end = from
  while (end < text.length && (isWordChar(text[end]) || text[end] === '`')) {
    if (text[end] === '`') {
      end = quoteEnd(text, end)
      if (end < 0) return problem('Unclosed backtick', from)
    }
    end++
  }
  if (end === from) {
    while (end < text.length && isNumberChar(text[end])) end++
    if (end === from) return problem(`Invalid character '${char}' in the type`, from)
    return { kind: 'literal', text: text.slice(from, end), offset: from }
  }
  const word = text.slice(from, end)
  const kind = isDigit(word[0]) ? 'literal' : 'word'
  return { kind, text: word, offset: from }
}

function quoteEnd(text: string, from: number): number {
  for (let index = from + 1; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === text[from]) return index
  }
  return -1
}

function isWordChar(char: string | undefined): boolean {
  return char !== undefined && /[A-Za-z0-9_.]/.test(char)
}

function isNumberChar(char: string | undefined): boolean {
  return char !== undefined && /[-+0-9.eE]/.test(char)
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9'
}

function problem(message: string, offset: number): TypeProblem {
  return { message, offset }
}
