// A whole request body, judged line by line in slices: between two slices the loop is free for other requests.
import type { DecodedBody, DecodedRow, RowError } from './decoded.ts'
import { NOTHING, textOf, type Block } from './block.ts'
import { LINE_CHARS_MAX, type RowDecoder } from './compile-schema.ts'
import { jsonBlocks } from './json-values.ts'

/** How a body is read. */
export interface DecodeOptions {
  /** `ndjson`: one object per line. `json`: one object, an array of objects, or objects one after the other, over any lines. Default `ndjson`. */
  readonly format?: 'ndjson' | 'json'
  /** Longest stretch of work between two turns of the loop, in milliseconds; default 5. */
  readonly sliceMs?: number
  /** Milliseconds that never go back. */
  readonly now: () => number
  /** Told of the bytes that each block of rows and refused lines takes, before the next is judged. What it throws ends the decoding. */
  readonly onBytes?: (bytes: number) => void
}

const BLOCK_BYTES = 32 * 1024
const ERRORS_MAX = 10
const NEWLINE = 10
const LINE_END = Buffer.from('\n')
const EMPTY = Buffer.alloc(0)
const NO_ERRORS: readonly RowError[] = []
/** No character takes more than four bytes. */
const LINE_BYTES_MAX = 4 * LINE_CHARS_MAX
const LINE_KEPT_BYTES = 64 * 1024
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * Judges every line of a body: good ones become rows of the table, others rows of the quarantine table, in order. Blank lines are
 * ignored, a byte order mark at the start too. Never throws for data. A refused line takes up to a hundred bytes more than it had, so
 * a body of tiny lines grows many times: `onBytes` is there to bound that.
 * @param body in one piece or in the pieces it arrived in; must not change afterwards, since rows may be given out as they stand in it.
 */
export async function decodeBody(
  body: Buffer | readonly Buffer[],
  decoder: RowDecoder,
  options: DecodeOptions,
): Promise<DecodedBody> {
  const pieces = withoutMark(Buffer.isBuffer(body) ? [body] : body)
  const [only] = pieces
  if (options.format !== 'json' && pieces.length === 1 && only !== undefined) {
    const decoded = decodeAtOnce(only, decoder)
    if (decoded !== null) {
      options.onBytes?.(decoded.rows.length + decoded.refused.length)
      return decoded
    }
  }
  const collected = collector()
  const pause = slices(options.sliceMs ?? 5, options.now)
  const blocks =
    options.format === 'json'
      ? jsonBlocks(await joined(pieces, pause), decoder)
      : lineBlocks(pieces, decoder)
  for (const block of blocks) {
    const bytes = collected.add(block)
    options.onBytes?.(bytes)
    if (pause.isDue()) await pause.take()
  }
  return collected.body(pause)
}

/**
 * The same for an NDJSON body of at most 32 KiB in one piece, without waiting: most bodies are small, and for them the machinery above
 * would cost more than the work. null when it is larger.
 * @param body must not change afterwards.
 */
export function decodeAtOnce(body: Buffer, decoder: RowDecoder): DecodedBody | null {
  if (body.length > BLOCK_BYTES) return null
  const lines = body[0] === BOM[0] && startsWithMark(body) ? body.subarray(BOM.length) : body
  const block = lines.length === 0 ? NOTHING : blockOf(lines, decoder)
  if (block.lines === null) return bodyOf(block)
  return {
    rows: block.lines,
    rowCount: block.rows.length,
    refused: EMPTY,
    refusedCount: 0,
    malformedCount: 0,
    firstErrors: NO_ERRORS,
  }
}

function bodyOf(block: Block): DecodedBody {
  const collected = collector()
  collected.add(block)
  return collected.first()
}

function startsWithMark(bytes: Buffer): boolean {
  return bytes.subarray(0, BOM.length).equals(BOM)
}

function withoutMark(pieces: readonly Buffer[]): readonly Buffer[] {
  const [first, second, third] = pieces
  if (first !== undefined && second !== undefined && first.length < BOM.length) {
    const start = third === undefined ? [first, second] : [first, second, third]
    return withoutMark([Buffer.concat(start), ...pieces.slice(3)])
  }
  if (first === undefined || first[0] !== BOM[0] || !startsWithMark(first)) return pieces
  return [first.subarray(BOM.length), ...pieces.slice(1)]
}

/** Blocks of lines: as many as fit into BLOCK_BYTES, or one longer line, wherever the body was cut into pieces. */
function* lineBlocks(pieces: readonly Buffer[], decoder: RowDecoder): Generator<Block> {
  const begun = createBegunLine()
  for (const piece of pieces) {
    let start = 0
    if (!begun.isEmpty()) {
      const newline = piece.indexOf(NEWLINE)
      begun.add(newline < 0 ? piece : piece.subarray(0, newline + 1))
      if (newline < 0) continue
      yield begun.end(decoder)
      start = newline + 1
    }
    const last = piece.lastIndexOf(NEWLINE)
    while (start <= last) {
      const end = blockEnd(piece, start)
      yield blockOf(piece.subarray(start, end), decoder)
      start = end
    }
    if (start < piece.length) begun.add(piece.subarray(start))
  }
  if (!begun.isEmpty()) yield begun.end(decoder)
}

/** @param piece with a line end at or after `start`. */
function blockEnd(piece: Buffer, start: number): number {
  if (piece.length - start > BLOCK_BYTES) {
    const last = piece.subarray(start, start + BLOCK_BYTES).lastIndexOf(NEWLINE)
    if (last >= 0) return start + last + 1
    return piece.indexOf(NEWLINE, start + BLOCK_BYTES) + 1
  }
  return piece.lastIndexOf(NEWLINE) + 1
}

/** A line whose end is in a later piece. Of one that is too long in any case only the beginning is kept. */
function createBegunLine(): {
  isEmpty(): boolean
  add(part: Buffer): void
  end(decoder: RowDecoder): Block
} {
  let parts: Buffer[] = []
  let bytes = 0
  return {
    isEmpty: () => bytes === 0,
    add(part) {
      if (bytes <= LINE_BYTES_MAX) parts.push(part)
      bytes += part.length
    },
    end(decoder) {
      const [first] = parts
      const line = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts)
      const block = bytes > LINE_BYTES_MAX ? tooLong(line, bytes, decoder) : blockOf(line, decoder)
      parts = []
      bytes = 0
      return block
    },
  }
}

/** A line of so many bytes has too many characters, whatever they are. */
function tooLong(line: Buffer, bytes: number, decoder: RowDecoder): Block {
  const kept = line.subarray(0, LINE_KEPT_BYTES).toString('utf8')
  const message = `not taken: a line of ${bytes} bytes, at most ${LINE_CHARS_MAX} characters are; its beginning is kept`
  return { rows: [decoder.refuse(kept, message, 'partial')], lines: null }
}

function blockOf(block: Buffer, decoder: RowDecoder): Block {
  if (block.length > LINE_BYTES_MAX) return tooLong(block, block.length, decoder)
  const text = textOf(block)
  if (text === null) return { rows: oneByOne(block, decoder), lines: null }
  const rows = linesOf(text, decoder)
  return { rows, lines: linesAsSent(block, text, rows) }
}

/** The block itself when each of its lines is a row as it stands, and nothing else is in it. */
function linesAsSent(block: Buffer, text: string, rows: readonly DecodedRow[]): Buffer | null {
  let chars = 0
  for (const row of rows) {
    if (row.kind !== 'row' || row.isLine !== true) return null
    chars += row.json.length + 1
  }
  // Only of a text that is ended says the length that each line is: a surplus character weighs up for an end that is missing.
  if (text.endsWith('\n')) return chars === text.length ? block : null
  return chars === text.length + 1 ? Buffer.concat([block, LINE_END]) : null
}

function linesOf(block: string, decoder: RowDecoder): DecodedRow[] {
  const rows: DecodedRow[] = []
  for (let start = 0; start < block.length;) {
    const newline = block.indexOf('\n', start)
    const end = newline < 0 ? block.length : newline
    if (!isBlank(block, start, end))
      rows.push(decoder.decode(block, start, withoutReturn(block, end)))
    start = end + 1
  }
  return rows
}

/** A block with bytes that are not UTF-8: only the lines that hold them are refused. */
function oneByOne(block: Buffer, decoder: RowDecoder): DecodedRow[] {
  const rows: DecodedRow[] = []
  for (let start = 0; start < block.length;) {
    const newline = block.indexOf(NEWLINE, start)
    const end = newline < 0 ? block.length : newline
    const line = block.subarray(start, end)
    const text = textOf(line)
    if (text === null) {
      const kept = line.subarray(0, 1024 * 1024).toString('utf8')
      rows.push(decoder.refuse(kept, 'not valid UTF-8', 'partial'))
    } else rows.push(...linesOf(text, decoder))
    start = end + 1
  }
  return rows
}

function collector(): {
  /** The bytes added. */
  add(block: Block): number
  body(pause: Slices): Promise<DecodedBody>
  /** What the only block became. */
  first(): DecodedBody
} {
  const rows: Buffer[] = []
  const refused: Buffer[] = []
  const firstErrors: RowError[] = []
  const counts = { rowCount: 0, refusedCount: 0, malformedCount: 0 }
  return {
    add(block) {
      if (block.lines !== null) {
        counts.rowCount += block.rows.length
        rows.push(block.lines)
        return block.lines.length
      }
      const good: string[] = []
      const bad: string[] = []
      for (const row of block.rows) {
        if (row.kind === 'row') {
          good.push(row.json)
          continue
        }
        bad.push(row.json)
        if (!row.isJson) counts.malformedCount += 1
        firstErrors.push(...row.errors.slice(0, ERRORS_MAX - firstErrors.length))
      }
      counts.rowCount += good.length
      counts.refusedCount += bad.length
      return pushLines(rows, good) + pushLines(refused, bad)
    },
    first: () => ({ rows: rows[0] ?? EMPTY, refused: refused[0] ?? EMPTY, firstErrors, ...counts }),
    body: async (pause) => ({
      rows: await joined(rows, pause),
      refused: await joined(refused, pause),
      firstErrors,
      ...counts,
    }),
  }
}

/** The bytes of the lines that were pushed as one block; 0 for none. */
function pushLines(blocks: Buffer[], lines: readonly string[]): number {
  if (lines.length === 0) return 0
  const block = Buffer.from(`${lines.join('\n')}\n`)
  blocks.push(block)
  return block.length
}

/** One buffer, copied in slices like all work here; a single one is given as it is. */
async function joined(blocks: readonly Buffer[], pause: Slices): Promise<Buffer> {
  const [first] = blocks
  if (first === undefined) return EMPTY
  if (blocks.length === 1) return first
  const whole = Buffer.allocUnsafe(blocks.reduce((sum, block) => sum + block.length, 0))
  let at = 0
  for (const block of blocks) {
    at += block.copy(whole, at)
    if (pause.isDue()) await pause.take()
  }
  return whole
}

interface Slices {
  isDue(): boolean
  take(): Promise<void>
}

function slices(sliceMs: number, now: () => number): Slices {
  let began = now()
  return {
    isDue: () => now() - began >= sliceMs,
    async take() {
      await new Promise((resolve) => setImmediate(resolve))
      began = now()
    },
  }
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    const code = text.charCodeAt(index)
    if (code !== 32 && code !== 9 && code !== 13) return false
  }
  return true
}

function withoutReturn(text: string, end: number): number {
  return text.charCodeAt(end - 1) === 13 ? end - 1 : end
}
