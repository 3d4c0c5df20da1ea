// Cuts a datafile into directives: `NAME value` lines and `NAME >` blocks. Line endings, a byte order mark, comments and
// indentation are dealt with here and nowhere else. One pass, linear in the length of the text.
import { directiveName, nearestDirective, type DatafileKind } from './directive-table.ts'
import type { Place } from './model.ts'
import type { Problems } from './problems.ts'
import { unquote } from './quoting.ts'

/** One line of a block, with where its first kept character stands. */
export interface BlockLine extends Place {
  readonly text: string
}

export interface Directive extends Place {
  /** In its one spelling, upper case. */
  readonly name: string
  /** As written in the file. */
  readonly word: string
  /** The text after the name, quotes removed; for a block its dedented lines. */
  readonly value: string
  /** The text after the name as written; '' for a block. */
  readonly raw: string
  readonly valuePlace: Place
  /** null when the directive is a single line. */
  readonly block: readonly BlockLine[] | null
}

/** Reads all directives of a file of this kind; what is no directive becomes an error and is skipped. */
export function readDirectives(text: string, kind: DatafileKind, problems: Problems): Directive[] {
  const lines = splitLines(text)
  const directives: Directive[] = []
  let index = 0
  while (index < lines.length) {
    const line = lines[index] ?? ''
    const at = { line: index + 1, column: indentOf(line) + 1 }
    index++
    const content = line.trim()
    if (content === '' || content.startsWith('#')) continue
    const { word, rest, restColumn } = splitWord(line)
    const name = directiveName(kind, word)
    if (name === null) {
      const near = nearestDirective(kind, word)
      problems.error(at, `${word} is not a valid option in .${kind} files.`, hintFor(near))
      continue
    }
    const valuePlace = { line: at.line, column: restColumn }
    if (!rest.startsWith('>')) {
      directives.push({
        ...at,
        name,
        word,
        value: unquote(rest),
        raw: rest,
        valuePlace,
        block: null,
      })
      continue
    }
    const end = endOfBlock(lines, index, kind)
    const block = readBlock(
      lines,
      index,
      end,
      { text: rest.slice(1).trim(), ...valuePlace },
      kind,
      problems,
    )
    const value = block.map((each) => each.text).join('\n')
    directives.push({ ...at, name, word, value, raw: '', valuePlace, block })
    index = end
  }
  return directives
}

function hintFor(near: string | null): string {
  return near === null
    ? 'Comments start with #, and the lines of a block are indented.'
    : `Did you mean ${near}? The lines of a block are indented.`
}

function splitLines(text: string): string[] {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text
  return body.split('\n').map((line) => {
    let end = line.length
    while (end > 0 && line[end - 1] === '\r') end--
    return end === line.length ? line : line.slice(0, end)
  })
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

function splitWord(line: string): { word: string; rest: string; restColumn: number } {
  const start = indentOf(line)
  let end = start
  while (end < line.length && !isSpace(line[end]) && line[end] !== '>') end++
  if (end === start) end = line.length
  const tail = line.slice(end)
  return { word: line.slice(start, end), rest: tail.trim(), restColumn: end + indentOf(tail) + 1 }
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && char.trim() === ''
}

/** A block ends at a line that starts, unindented, with a directive this kind of file knows. */
function endOfBlock(lines: readonly string[], from: number, kind: DatafileKind): number {
  for (let index = from; index < lines.length; index++) {
    const line = lines[index] ?? ''
    if (line === '' || isSpace(line[0])) continue
    if (directiveName(kind, splitWord(line).word) !== null) return index
  }
  return lines.length
}

function readBlock(
  lines: readonly string[],
  from: number,
  end: number,
  first: BlockLine,
  kind: DatafileKind,
  problems: Problems,
): BlockLine[] {
  const body = lines.slice(from, end)
  const flush = body.some((line) => line !== '' && !isSpace(line[0]) && !line.startsWith('#'))
  const kept: { text: string; line: number }[] = []
  body.forEach((text, offset) => {
    // Block lines are indented, so a comment at the margin belongs to the file, unless the whole block sits at the margin.
    if (text.startsWith('#') && !flush) return
    warnOfLostDirective(text, from + offset + 1, kind, problems)
    kept.push({ text, line: from + offset + 1 })
  })
  const indent = commonIndent(kept.map((each) => each.text))
  const block = kept.map(({ text, line }) =>
    text.trim() === ''
      ? { text: '', line, column: 1 }
      : { text: text.slice(indent.length), line, column: indent.length + 1 },
  )
  return withoutBlankEdges(first.text === '' ? block : [first, ...block])
}

function warnOfLostDirective(
  text: string,
  line: number,
  kind: DatafileKind,
  problems: Problems,
): void {
  if (text === '' || isSpace(text[0])) return
  const { word } = splitWord(text)
  const near = word === word.toUpperCase() ? nearestDirective(kind, word) : null
  if (near !== null) {
    const message = `${word} is read as a line of the block above it.`
    problems.warn({ line, column: 1 }, message, `Did you mean ${near}? If not, indent the line.`)
  }
}

function commonIndent(lines: readonly string[]): string {
  let common: string | null = null
  for (const line of lines) {
    if (line.trim() === '') continue
    const indent = line.slice(0, indentOf(line))
    if (common === null) common = indent
    let same = 0
    while (same < common.length && same < indent.length && common[same] === indent[same]) same++
    common = common.slice(0, same)
  }
  return common ?? ''
}

function withoutBlankEdges(block: readonly BlockLine[]): BlockLine[] {
  let start = 0
  let end = block.length
  while (start < end && block[start]?.text === '') start++
  while (end > start && block[end - 1]?.text === '') end--
  return block.slice(start, end)
}
