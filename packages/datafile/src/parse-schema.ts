// The SCHEMA block: columns with their type, JSONPath, DEFAULT and CODEC in any order, over one or several lines.
// One pass over the text with a cursor, no backtracking. Source of the rules: Tinybird schema reference, read 2026-11.
import { isType, normalizeType, parseType, splitNullable } from './column-type.ts'
import { isJsonPath, parseJsonPath } from './json-path.ts'
import type { Column, Place } from './model.ts'
import type { Problems } from './problems.ts'
import type { BlockLine } from './read-directives.ts'
import { createTextCursor, type TextCursor } from './text-cursor.ts'
import { isTypeWord, nearestTypeWord } from './type-words.ts'

/** Reads the columns; whatever is wrong is reported with its own line and column, and reading goes on with the next column. */
export function parseSchema(block: readonly BlockLine[], problems: Problems): Column[] {
  const cursor = createTextCursor(block.map(withoutComment))
  const columns: Column[] = []
  const seen = new Set<string>()
  while (!cursor.done()) {
    cursor.skipSpace()
    if (cursor.done()) break
    if (cursor.peek() === ',') {
      cursor.advance(1)
      continue
    }
    const place = cursor.place()
    const column = readColumn(cursor, problems)
    if (column === null) {
      skipColumn(cursor)
      continue
    }
    if (seen.has(column.name)) problems.error(place, `Column ${column.name} is given twice`)
    seen.add(column.name)
    columns.push(column)
  }
  return columns
}

function withoutComment(line: BlockLine): BlockLine {
  const start = line.text.trimStart()
  return start.startsWith('#') || start.startsWith('--') ? { ...line, text: '' } : line
}

interface Clauses {
  type: { text: string; place: Place } | null
  jsonPath: string | null
  default: string | null
  codec: string | null
}

function readColumn(cursor: TextCursor, problems: Problems): Column | null {
  const place = cursor.place()
  const name = readName(cursor, problems)
  if (name === null) return null
  const clauses: Clauses = { type: null, jsonPath: null, default: null, codec: null }
  for (;;) {
    cursor.skipSpace()
    if (cursor.done() || cursor.peek() === ',') break
    if (startsNextColumn(cursor, clauses)) break
    if (!readClause(cursor, clauses, problems)) return null
  }
  if (clauses.type === null && clauses.default === null) {
    problems.error(
      place,
      'Column name and either type or DEFAULT are required',
      `Write: ${name} String`,
    )
    return null
  }
  const type = clauses.type === null ? '' : checkedType(clauses.type, problems)
  if (type === null) return null
  const isNullDefault = clauses.default?.toUpperCase() === 'NULL' && splitNullable(type).nullable
  return {
    name,
    type,
    jsonPath: clauses.jsonPath,
    default: isNullDefault ? null : clauses.default,
    codec: clauses.codec,
  }
}

function readName(cursor: TextCursor, problems: Problems): string | null {
  const place = cursor.place()
  const quote = cursor.peek()
  if (quote === '`' || quote === '"') {
    const text = cursor.readQuoted()
    if (text === null) {
      problems.error(place, quote === '`' ? 'Unclosed backtick' : 'Unclosed double quote')
      return null
    }
    const name = text.slice(1, -1)
    if (name === '' || /[\n\\`"]/.test(name)) {
      problems.error(
        place,
        `Column name ${text} is not valid`,
        'A name is not empty and has no quotes or backslashes.',
      )
      return null
    }
    return name
  }
  const name = cursor.readWhile(
    (char) => char.trim() !== '' && char !== ',' && char !== '`' && char !== '(',
  )
  const invalid = Array.from(name).find((char) => !/[A-Za-z0-9._*<>+\-']/.test(char))
  if (invalid === undefined && name !== '') return name
  const culprit = invalid ?? cursor.peek()
  problems.error(
    place,
    `Column name contains invalid character '${culprit}'`,
    'Hint: use backticks',
  )
  return null
}

/** Reads one clause; false when the column cannot be read on (already reported). */
function readClause(cursor: TextCursor, clauses: Clauses, problems: Problems): boolean {
  const place = cursor.place()
  if (cursor.startsWith('`json:')) return readJsonPath(cursor, clauses, problems)
  const word = cursor.peekWord().toUpperCase()
  if (word === 'DEFAULT') {
    cursor.advance(word.length)
    const text = readExpression(
      cursor,
      problems,
      (newLine, first) =>
        cursor.peek() === ',' ||
        cursor.startsWith('`json:') ||
        (!first && CLAUSES.has(cursor.peekWord().toUpperCase())) ||
        (!first && newLine && looksLikeColumn(cursor)),
    )
    if (text === null) return false
    if (text === '') return missingValue(place, word, problems)
    clauses.default = text
    return true
  }
  if (word === 'CODEC') return readCodec(cursor, clauses, problems)
  const refusal = REFUSED.get(word)
  if (refusal !== undefined) {
    problems.error(place, refusal.message, refusal.hint)
    return false
  }
  if (clauses.type !== null) {
    problems.error(
      place,
      `Unexpected '${cursor.peekWord() || cursor.peek()}' after the type`,
      'Columns are separated by commas.',
    )
    return false
  }
  const text = readTypeText(cursor, problems)
  if (text === null) return false
  clauses.type = { text, place }
  return true
}

const NULL_REFUSAL = {
  message: 'NULL and NOT NULL are not supported, use Nullable(...)',
  hint: 'Write Nullable(T) for a column that may be NULL.',
}

const REFUSED: ReadonlyMap<string, { message: string; hint: string }> = new Map([
  [
    'MATERIALIZED',
    {
      message: 'MATERIALIZED columns are not supported',
      hint: 'Use DEFAULT, or a materialized pipe.',
    },
  ],
  [
    'ALIAS',
    { message: 'ALIAS columns are not supported', hint: 'Use DEFAULT, or compute it in a pipe.' },
  ],
  ['EPHEMERAL', { message: 'EPHEMERAL columns are not supported', hint: 'Use DEFAULT.' }],
  [
    'TTL',
    { message: 'column TTL is not supported', hint: 'Use ENGINE_TTL for the whole data source.' },
  ],
  ['NULL', NULL_REFUSAL],
  ['NOT', NULL_REFUSAL],
])

function readJsonPath(cursor: TextCursor, clauses: Clauses, problems: Problems): boolean {
  const place = cursor.place()
  const text = cursor.readQuoted()
  if (text === null) {
    problems.error(place, 'Unclosed backtick')
    return false
  }
  const path = text.slice('`json:'.length, -1).trim()
  const parsed = parseJsonPath(path)
  if (!isJsonPath(parsed)) problems.error(place, parsed.message, parsed.hint)
  clauses.jsonPath = path
  return true
}

function readCodec(cursor: TextCursor, clauses: Clauses, problems: Problems): boolean {
  const place = cursor.place()
  cursor.advance('CODEC'.length)
  cursor.skipSpace()
  if (cursor.peek() !== '(') return missingValue(place, 'CODEC', problems)
  cursor.advance(1)
  const codec = readExpression(cursor, problems, () => cursor.peek() === ')')
  if (codec === null) return false
  if (cursor.done()) {
    problems.error(place, 'Unclosed parenthesis')
    return false
  }
  cursor.advance(1)
  if (codec === '') return missingValue(place, 'CODEC', problems)
  clauses.codec = codec
  return true
}

function missingValue(place: Place, word: string, problems: Problems): boolean {
  problems.error(place, `Missing mandatory value for ${word}`)
  return false
}

/**
 * The text up to where `ends` says, or the end, with each gap between its pieces made one space. Brackets and quotes are
 * kept whole; null (reported) when one is not closed.
 */
function readExpression(
  cursor: TextCursor,
  problems: Problems,
  ends: (newLine: boolean, first: boolean) => boolean,
): string | null {
  const pieces: string[] = []
  const open: { closer: string; place: Place }[] = []
  for (;;) {
    const from = cursor.offset()
    const newLine = cursor.skipSpace()
    if (cursor.done()) break
    if (open.length === 0 && ends(newLine, pieces.length === 0)) break
    if (pieces.length > 0 && cursor.offset() > from) pieces.push(' ')
    const piece = readPiece(cursor, open, problems)
    if (piece === null) return null
    pieces.push(piece)
  }
  const unclosed = open[0]
  if (unclosed === undefined) return pieces.join('')
  problems.error(unclosed.place, 'Unclosed parenthesis')
  return null
}

const CLAUSES: ReadonlySet<string> = new Set(['CODEC', 'DEFAULT', 'MATERIALIZED', 'TTL'])

const CLOSERS: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
])

function readPiece(
  cursor: TextCursor,
  open: { closer: string; place: Place }[],
  problems: Problems,
): string | null {
  const place = cursor.place()
  const word = cursor.peekWord()
  if (word !== '') {
    cursor.advance(word.length)
    return word
  }
  const char = cursor.peek()
  if (char === "'" || char === '"' || char === '`') {
    const text = cursor.readQuoted()
    if (text === null) problems.error(place, char === '`' ? 'Unclosed backtick' : 'Unclosed quote')
    return text
  }
  const closer = CLOSERS.get(char)
  if (closer !== undefined) open.push({ closer, place })
  if (')]};'.includes(char) && open.pop()?.closer !== char) {
    problems.error(place, `Unexpected '${char}'`)
    return null
  }
  cursor.advance(1)
  return char
}

function readTypeText(cursor: TextCursor, problems: Problems): string | null {
  const place = cursor.place()
  const start = cursor.offset()
  const word = cursor.peekWord()
  if (word === '') {
    problems.error(
      place,
      `Unexpected '${cursor.peek()}'`,
      'A column is: name Type `json:$.path` DEFAULT value CODEC(codec).',
    )
    return null
  }
  cursor.advance(word.length)
  const end = cursor.offset()
  cursor.skipSpace()
  if (cursor.peek() !== '(') return cursor.textBetween(start, end)
  if (cursor.readBalanced() === null) {
    problems.error(place, 'Unclosed parenthesis')
    return null
  }
  return cursor.textSince(start)
}

function checkedType(type: { text: string; place: Place }, problems: Problems): string | null {
  const parsed = parseType(type.text)
  if (isType(parsed)) return normalizeType(type.text)
  const near = nearestTypeWord(type.text)
  problems.error(
    type.place,
    parsed.message,
    near === null ? 'Types are written as in ClickHouse.' : `Did you mean ${near}?`,
  )
  return null
}

/** A column that has its type may be followed by the next one without a comma, on a new line. */
function startsNextColumn(cursor: TextCursor, clauses: Clauses): boolean {
  if (clauses.type === null || !cursor.onNewLine() || cursor.startsWith('`json:')) return false
  const word = cursor.peekWord().toUpperCase()
  return (word !== '' || cursor.peek() === '`') && !CLAUSES.has(word) && !REFUSED.has(word)
}

function looksLikeColumn(cursor: TextCursor): boolean {
  const mark = cursor.offset()
  const name =
    cursor.peek() === '`' && !cursor.startsWith('`json:')
      ? (cursor.readQuoted() ?? '')
      : cursor.peekWord()
  if (name !== '' && cursor.offset() === mark) cursor.advance(name.length)
  const onSameLine = !cursor.skipSpace()
  const found =
    name !== '' && onSameLine && !CLAUSES.has(name.toUpperCase()) && isTypeWord(cursor.peekWord())
  cursor.backTo(mark)
  return found
}

/** After a column that cannot be read: go on behind the next comma, or at the next line that looks like a column. */
function skipColumn(cursor: TextCursor): void {
  while (!cursor.done()) {
    const newLine = cursor.skipSpace()
    if (cursor.done() || (newLine && looksLikeColumn(cursor))) return
    const char = cursor.peek()
    if (char === ',') {
      cursor.advance(1)
      return
    }
    if (char === '(' || char === "'" || char === '`') {
      const text = char === '(' ? cursor.readBalanced() : cursor.readQuoted()
      // What is not closed swallows the rest; trying again at each later character would take quadratic time.
      if (text === null) cursor.advance(Number.MAX_SAFE_INTEGER)
    } else cursor.advance(1)
  }
}
