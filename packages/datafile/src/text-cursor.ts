import type { Place } from './model.ts'
import type { BlockLine } from './read-directives.ts'

/** Reads a block of text forwards and knows, at any point, the line and column in the file. */
export interface TextCursor {
  done(): boolean
  offset(): number
  place(): Place
  /** The character here; '' at the end. */
  peek(): string
  /** The word (letters, digits, `_`, `.`) that starts here; '' when none does. */
  peekWord(): string
  startsWith(text: string): boolean
  advance(count: number): void
  /** Goes back to an offset taken before. */
  backTo(offset: number): void
  /** Skips white space and comments (from two dashes to the end of the line, or between slash-star and star-slash); true when a line ended on the way. */
  skipSpace(): boolean
  /** Whether only white space stands before the cursor on its line. */
  onNewLine(): boolean
  readWhile(accept: (char: string) => boolean): string
  /** A quoted text with its quotes; null, without moving, when it is not closed. */
  readQuoted(): string | null
  /** A parenthesised text with its parentheses, quotes inside respected; null, without moving, when it is not closed. */
  readBalanced(): string | null
  textSince(offset: number): string
  textBetween(from: number, to: number): string
}

/** Makes a cursor over the lines of a block. Every reading step is linear in what it reads. */
export function createTextCursor(lines: readonly BlockLine[]): TextCursor {
  const text = lines.map((line) => line.text).join('\n')
  const starts: number[] = []
  let total = 0
  for (const line of lines) {
    starts.push(total)
    total += line.text.length + 1
  }
  const lastCommentEnd = text.lastIndexOf('*/')
  let at = 0
  const cursor: TextCursor = {
    done: () => at >= text.length,
    offset: () => at,
    place: () => placeOf(lines, starts, at),
    peek: () => text[at] ?? '',
    peekWord: () => text.slice(at, wordEnd(text, at)),
    startsWith: (prefix) => text.startsWith(prefix, at),
    advance: (count) => {
      at = Math.min(text.length, at + count)
    },
    backTo: (offset) => {
      at = offset
    },
    skipSpace: () => {
      const from = at
      at = spaceEnd(text, at, lastCommentEnd)
      return text.slice(from, at).includes('\n')
    },
    onNewLine: () => text.slice(starts[lineAt(starts, at)] ?? 0, at).trim() === '',
    readWhile: (accept) => {
      const from = at
      while (at < text.length && accept(text[at] ?? '')) at++
      return text.slice(from, at)
    },
    readQuoted: () => take(quotedEnd(text, at)),
    readBalanced: () => take(balancedEnd(text, at)),
    textSince: (offset) => text.slice(offset, at),
    textBetween: (from, to) => text.slice(from, to),
  }
  const take = (end: number): string | null => {
    if (end < 0) return null
    const from = at
    at = end
    return text.slice(from, at)
  }
  return cursor
}

function placeOf(lines: readonly BlockLine[], starts: readonly number[], offset: number): Place {
  const index = lineAt(starts, offset)
  const line = lines[index]
  return { line: line?.line ?? 1, column: (line?.column ?? 1) + offset - (starts[index] ?? 0) }
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

function wordEnd(text: string, from: number): number {
  let end = from
  while (end < text.length && /[A-Za-z0-9_.]/.test(text[end] ?? '')) end++
  return end
}

/** `lastCommentEnd` keeps many unclosed comments from being searched to the end each. */
function spaceEnd(text: string, from: number, lastCommentEnd: number): number {
  let at = from
  for (;;) {
    while (at < text.length && (text[at] ?? '').trim() === '') at++
    if (text.startsWith('--', at)) {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else if (text.startsWith('/*', at) && lastCommentEnd >= at + 2) {
      at = text.indexOf('*/', at + 2) + 2
    } else return at
  }
}

function quotedEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === text[from]) return at + 1
  }
  return -1
}

const CLOSERS: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
])

function balancedEnd(text: string, from: number): number {
  const open: string[] = []
  let at = from
  while (at < text.length) {
    const char = text[at] ?? ''
    const closer = CLOSERS.get(char)
    if (closer !== undefined) open.push(closer)
    else if (char === ')' || char === ']' || char === '}') {
      if (open.pop() !== char) return -1
      if (open.length === 0) return at + 1
    } else if (char === "'" || char === '"' || char === '`') {
      at = quotedEnd(text, at)
      if (at < 0) return -1
      continue
    }
    at++
  }
  return -1
}
