// A whole request body, judged line by line in slices: between two slices the loop is free for other requests.
import type { DecodedBody, DecodedRow, RowError } from './decoded.ts'
import type { RowDecoder } from './compile-schema.ts'
import { JsonScanner } from './json-scanner.ts'

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

type Utf8Decoder = InstanceType<typeof TextDecoder>

const BLOCK_BYTES = 32 * 1024
const ERRORS_MAX = 10
const NEWLINE = 10
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * Judges every line of a body: good ones become rows of the table, others rows of the quarantine table, in order. Blank lines are
 * ignored, a byte order mark at the start too. Never throws for data. A refused line takes up to a hundred bytes more than it had, so
 * a body of tiny lines grows many times: `onBytes` is there to bound that.
 */
export async function decodeBody(
  body: Buffer,
  decoder: RowDecoder,
  options: DecodeOptions,
): Promise<DecodedBody> {
  const text = body.subarray(0, BOM.length).equals(BOM) ? body.subarray(BOM.length) : body
  const collected = collector()
  const pause = slices(options.sliceMs ?? 5, options.now)
  const blocks = options.format === 'json' ? jsonValues(text, decoder) : lines(text, decoder)
  for (const rows of blocks) {
    const bytes = collected.add(rows)
    options.onBytes?.(bytes)
    if (pause.isDue()) await pause.take()
  }
  return collected.body(pause)
}

/** Blocks of lines: as many as fit into BLOCK_BYTES, or one longer line. */
function* lines(body: Buffer, decoder: RowDecoder): Generator<DecodedRow[]> {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for (let start = 0; start < body.length;) {
    const end = blockEnd(body, start)
    const block = textOf(utf8, body.subarray(start, end))
    yield block === null
      ? oneByOne(utf8, body.subarray(start, end), decoder)
      : linesOf(block, decoder)
    start = end
  }
}

function blockEnd(body: Buffer, start: number): number {
  if (body.length - start <= BLOCK_BYTES) return body.length
  const last = body.subarray(start, start + BLOCK_BYTES).lastIndexOf(NEWLINE)
  if (last >= 0) return start + last + 1
  const next = body.indexOf(NEWLINE, start + BLOCK_BYTES)
  return next < 0 ? body.length : next + 1
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
function oneByOne(utf8: Utf8Decoder, block: Buffer, decoder: RowDecoder): DecodedRow[] {
  const rows: DecodedRow[] = []
  for (let start = 0; start < block.length;) {
    const newline = block.indexOf(NEWLINE, start)
    const end = newline < 0 ? block.length : newline
    const line = block.subarray(start, end)
    const text = textOf(utf8, line)
    if (text === null) {
      const kept = line.subarray(0, 1024 * 1024).toString('utf8')
      rows.push(decoder.refuse(kept, 'not valid UTF-8', 'partial'))
    } else rows.push(...linesOf(text, decoder))
    start = end + 1
  }
  return rows
}

/** The values of a JSON body, one at a time. What follows the first text that is no JSON is refused as one line. */
function* jsonValues(body: Buffer, decoder: RowDecoder): Generator<DecodedRow[]> {
  const text = textOf(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }), body)
  if (text === null) {
    yield [decoder.refuse(body.toString('utf8'), 'not valid UTF-8', 'partial')]
    return
  }
  const scanner = new JsonScanner(0)
  scanner.load(text)
  scanner.value(0, text.length, null)
  let at = scanner.spaces(0)
  const isArray = text[at] === '['
  if (isArray) at = scanner.spaces(at + 1)
  while (at < text.length && !(isArray && text[at] === ']')) {
    const end = scanner.value(at, text.length, null)
    if (end < 0) {
      yield [decoder.refuse(text.slice(at), scanner.problem?.message ?? 'not valid JSON')]
      return
    }
    yield [decoder.decode(text, at, end)]
    at = scanner.spaces(end)
    if (isArray && text[at] === ',') at = scanner.spaces(at + 1)
    else if (isArray && text[at] !== ']') break
  }
  const isWhole = !isArray || (text[at] === ']' && scanner.spaces(at + 1) === text.length)
  if (!isWhole)
    yield [decoder.refuse(text.slice(at), 'not valid JSON: the array does not end as it should')]
}

function collector(): {
  /** The bytes added. */
  add(rows: readonly DecodedRow[]): number
  body(pause: Slices): Promise<DecodedBody>
} {
  const rows: Buffer[] = []
  const refused: Buffer[] = []
  const firstErrors: RowError[] = []
  const counts = { rowCount: 0, refusedCount: 0, malformedCount: 0 }
  return {
    add(block) {
      const good: string[] = []
      const bad: string[] = []
      for (const row of block) {
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

/** One buffer, copied in slices like all work here. */
async function joined(blocks: readonly Buffer[], pause: Slices): Promise<Buffer> {
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

function textOf(utf8: Utf8Decoder, bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
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
