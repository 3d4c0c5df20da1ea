// The values of a body in the format `json`, one at a time: a document of 100 MB is never text as a whole. Here only brackets and strings
// are followed, to find where a value ends; what is between must then stand the decoder's strict reading.
import { NOTHING, textOf, type Block } from './block.ts'
import { LINE_CHARS_MAX, type RowDecoder } from './compile-schema.ts'

const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** No character takes more than four bytes. */
const VALUE_BYTES_MAX = 4 * LINE_CHARS_MAX
const KEPT_BYTES = 64 * 1024
/** Bytes looked at between two offers to pause: a few milliseconds of work. */
const SLICE_BYTES = 256 * 1024
const BLOCK_BYTES = 32 * 1024

/**
 * One object, an array of objects, or objects one after the other, over any lines. Ends with one refused row, which is not JSON, at the
 * first thing that should not be there. Blocks without rows are for whoever wants to pause.
 */
export function* jsonBlocks(body: Buffer, decoder: RowDecoder): Generator<Block> {
  let at = spaces(body, 0)
  const isArray = body[at] === OPEN_BRACKET
  if (isArray) at = spaces(body, at + 1)
  let isClosed = isArray && body[at] === CLOSE_BRACKET
  let rows: Block['rows'][number][] = []
  let blockStart = at
  while (!isClosed && at < body.length) {
    const end = yield* valueEnd(body, at)
    const row = valueRow(body, at, end, decoder)
    rows.push(row)
    if (row.kind === 'refused' && !row.isJson) {
      yield { rows, lines: null }
      return
    }
    at = spaces(body, end)
    if (isArray) {
      isClosed = body[at] === CLOSE_BRACKET
      if (!isClosed && body[at] !== COMMA) break
      if (!isClosed) at = spaces(body, at + 1)
    }
    if (at - blockStart < BLOCK_BYTES) continue
    yield { rows, lines: null }
    rows = []
    blockStart = at
  }
  if (rows.length > 0) yield { rows, lines: null }
  const isWhole = isArray ? isClosed && spaces(body, at + 1) === body.length : at === body.length
  if (!isWhole) {
    const message = 'not valid JSON: the array does not end as it should'
    yield { rows: [decoder.refuse(beginning(body, at), message, 'partial')], lines: null }
  }
}

function valueRow(
  body: Buffer,
  at: number,
  end: number,
  decoder: RowDecoder,
): Block['rows'][number] {
  if (end - at > VALUE_BYTES_MAX) {
    const message = `not taken: a value of ${end - at} bytes, at most ${LINE_CHARS_MAX} characters are; its beginning is kept`
    return decoder.refuse(beginning(body, at), message, 'partial')
  }
  const text = textOf(body.subarray(at, end))
  if (text === null) return decoder.refuse(beginning(body, at), 'not valid UTF-8', 'partial')
  const row = decoder.decode(text, 0, text.length)
  // Rows are lines. In sound JSON a line end is never part of a string.
  return row.kind === 'row' && LINE_ENDS.test(row.json)
    ? { kind: 'row', json: row.json.replaceAll(EACH_LINE_END, ' ') }
    : row
}

const LINE_ENDS = /[\n\r]/
const EACH_LINE_END = /[\n\r]/g

/** Where the value that begins at `at` ends; the end of the body when it does not. */
function* valueEnd(body: Buffer, at: number): Generator<Block, number> {
  let depth = 0
  let isString = false
  let sliceEnd = at + SLICE_BYTES
  for (let index = at; index < body.length; index += 1) {
    if (index > sliceEnd) {
      sliceEnd = index + SLICE_BYTES
      yield NOTHING
    }
    const byte = body[index]
    if (isString) {
      if (byte === BACKSLASH) index += 1
      else if (byte === QUOTE) {
        isString = false
        if (depth === 0) return index + 1
      }
    } else if (byte === QUOTE) isString = true
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      // A number or a word directly before the end of what it is in.
      if (depth === 0) return Math.max(index, at + 1)
      depth -= 1
      if (depth === 0) return index + 1
    } else if (depth === 0 && index > at && (byte === COMMA || isSpace(byte))) return index
    else if (depth === 0 && index === at && byte === COMMA) return at + 1
  }
  return body.length
}

function beginning(body: Buffer, at: number): string {
  return body.toString('utf8', at, Math.min(body.length, at + KEPT_BYTES))
}

function spaces(body: Buffer, at: number): number {
  let index = at
  while (index < body.length && isSpace(body[index])) index += 1
  return index
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9
}
