import type { Index } from './model.ts'
import type { Problems } from './problems.ts'
import type { BlockLine } from './read-directives.ts'
import { createTextCursor, type TextCursor } from './text-cursor.ts'

/** Reads the INDEXES block: one `[INDEX] name expression TYPE type [GRANULARITY n]` per line, a trailing comma allowed. */
export function parseIndexes(block: readonly BlockLine[], problems: Problems): Index[] {
  const indexes: Index[] = []
  for (const line of block) {
    const text = line.text.trim()
    if (text === '' || text.startsWith('#') || text.startsWith('--')) continue
    const index = parseIndex(createTextCursor([line]))
    if (typeof index === 'string') {
      problems.error(line, index, 'Write: name expression TYPE minmax GRANULARITY 1')
    } else if (indexes.some((each) => each.name === index.name)) {
      problems.error(line, `Index ${index.name} is given twice`)
    } else {
      indexes.push(index)
    }
  }
  return indexes
}

function parseIndex(cursor: TextCursor): Index | string {
  cursor.skipSpace()
  if (cursor.peekWord().toUpperCase() === 'INDEX') cursor.advance('INDEX'.length)
  cursor.skipSpace()
  const name = readName(cursor)
  if (name === '') return 'The index has no name'
  const expression = readUntil(cursor, 'TYPE')
  if (expression === null) return `Index ${name} has no TYPE`
  if (expression === '') return `Index ${name} has no expression`
  const rest = readUntil(cursor, 'GRANULARITY')
  const type = rest ?? withoutComma(readUntil(cursor, null) ?? '')
  if (!/^[A-Za-z_0-9]+(\(.*\))?$/.test(type)) return `Index ${name} has no valid type`
  if (rest === null) return { name, expression, type, granularity: null }
  const granularity = withoutComma(readUntil(cursor, null) ?? '')
  if (!/^[1-9][0-9]{0,8}$/.test(granularity))
    return `Index ${name}: GRANULARITY '${granularity}' is not a positive number`
  return { name, expression, type, granularity: Number(granularity) }
}

function readName(cursor: TextCursor): string {
  if (cursor.peek() !== '`') {
    const word = cursor.peekWord()
    cursor.advance(word.length)
    return word
  }
  const text = cursor.readQuoted()?.slice(1, -1) ?? ''
  return /[\\`]/.test(text) ? '' : text
}

/** The text before a keyword outside brackets and quotes, both consumed; null, without moving, when it does not come. */
function readUntil(cursor: TextCursor, keyword: string | null): string | null {
  const start = cursor.offset()
  for (;;) {
    cursor.skipSpace()
    const end = cursor.offset()
    if (cursor.done()) {
      if (keyword === null) return cursor.textSince(start).trim()
      cursor.backTo(start)
      return null
    }
    const word = cursor.peekWord()
    if (keyword !== null && word.toUpperCase() === keyword) {
      cursor.advance(word.length)
      return cursor.textBetween(start, end).trim()
    }
    if (word !== '') cursor.advance(word.length)
    else if (!skipWhole(cursor)) cursor.advance(1)
  }
}

function skipWhole(cursor: TextCursor): boolean {
  const char = cursor.peek()
  if (char === '(' || char === '[') {
    // What is not closed swallows the rest of the line, so that it is not searched again from each later character.
    if (cursor.readBalanced() === null) cursor.advance(Number.MAX_SAFE_INTEGER)
    return true
  }
  if (char === "'" || char === '"' || char === '`') {
    if (cursor.readQuoted() === null) cursor.advance(Number.MAX_SAFE_INTEGER)
    return true
  }
  return false
}

function withoutComma(text: string): string {
  return text.endsWith(',') ? text.slice(0, -1).trim() : text
}
