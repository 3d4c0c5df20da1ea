import { createTextCursor } from './text-cursor.ts'

/** The parts of a key: `(a, b)`, `tuple(a, b)` and `a, b` are the same two parts to ClickHouse. None for null and `tuple()`. */
export function keyParts(key: string | null): string[] {
  const text = (key ?? '').trim()
  const open = text.startsWith('tuple(') ? 'tuple('.length - 1 : 0
  if (text[open] !== '(') return splitCommas(text)
  const cursor = createTextCursor([{ text, line: 1, column: 1 }])
  cursor.advance(open)
  const inner = cursor.readBalanced()
  return inner !== null && cursor.done() ? splitCommas(inner.slice(1, -1)) : splitCommas(text)
}

/** Splits at commas outside brackets and quotes; empty parts are dropped. Linear in the length of the text. */
export function splitCommas(text: string): string[] {
  const cursor = createTextCursor([{ text, line: 1, column: 1 }])
  const parts: string[] = []
  let start = 0
  while (!cursor.done()) {
    const char = cursor.peek()
    if (char === ',') {
      parts.push(cursor.textSince(start))
      cursor.advance(1)
      start = cursor.offset()
    } else if (char === '(' || char === '[') {
      if (cursor.readBalanced() === null) cursor.advance(Number.MAX_SAFE_INTEGER)
    } else if (char === "'" || char === '"' || char === '`') {
      if (cursor.readQuoted() === null) cursor.advance(Number.MAX_SAFE_INTEGER)
    } else cursor.advance(1)
  }
  parts.push(cursor.textSince(start))
  return parts.map((each) => each.trim()).filter((each) => each !== '')
}
