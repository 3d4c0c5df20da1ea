// CSV bodies become NDJSON keyed by column name, so that one decoder judges every way in. The parser takes what it is given in one go,
// so it is given little at a time: between two slices the loop is free for other requests.
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Column } from '@sandpiper/datafile'
import { splitNullable } from '@sandpiper/datafile'
import { fault } from '@sandpiper/faults'
import { parse } from 'csv-parse'

export interface CsvDialect {
  /** One character; guessed from the first line when absent. */
  readonly delimiter?: string | undefined
  readonly escape?: string | undefined
}

/** Bytes the parser gets at once: about 2 ms of work. */
const SLICE_BYTES = 8 * 1024
/** Longest stretch of work between two turns of the loop. */
const SLICE_MS = 4
/** Text that is kept as a string before it becomes bytes. */
const PART_CHARS = 64 * 1024

/**
 * Turns CSV into NDJSON over these columns. A first line that only holds their names is a header and gives the order;
 * otherwise fields stand in the order of the schema. Empty fields of other than text columns count as absent.
 * @throws fault `request.invalid` when the text is no CSV or a row has more fields than there are columns.
 */
export async function csvToNdjson(
  body: Buffer,
  columns: readonly Column[],
  dialect: CsvDialect,
): Promise<Buffer> {
  const delimiter = dialect.delimiter ?? guessDelimiter(body)
  const parser = parse({
    bom: true,
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    ...(dialect.escape === undefined ? {} : { escape: dialect.escape }),
  })
  const parts = createParts()
  let order: readonly (Column | null)[] | null = null
  let count = 0
  let beganMs = performance.now()
  try {
    for await (const record of Readable.from(slices(body)).pipe(parser) as AsyncIterable<
      string[]
    >) {
      if (order === null) {
        order = headerOrder(record, columns) ?? columns
        if (order !== columns) continue
      }
      if (record.length > order.length) throw tooManyFields(count + 1, record.length, order.length)
      parts.add(lineOf(record, order))
      count++
      if (performance.now() - beganMs < SLICE_MS) continue
      await nextTurn()
      beganMs = performance.now()
    }
  } catch (err) {
    if (err instanceof Error && 'code' in err && String(err.code).startsWith('CSV_')) {
      throw fault('request.invalid', {
        public: `The body is not valid CSV: ${err.message}`,
        cause: err,
      })
    }
    throw err
  }
  return parts.joined()
}

function* slices(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += SLICE_BYTES) yield body.subarray(at, at + SLICE_BYTES)
}

/** Collects text as bytes: strings of a large file would fill the heap. */
function createParts(): { add(text: string): void; joined(): Promise<Buffer> } {
  const parts: Buffer[] = []
  let bytes = 0
  let pending = ''
  const flush = (): void => {
    const part = Buffer.from(pending)
    pending = ''
    bytes += part.length
    parts.push(part)
  }
  return {
    add(text) {
      pending += text
      if (pending.length >= PART_CHARS) flush()
    },
    async joined() {
      flush()
      const whole = Buffer.allocUnsafe(bytes)
      let at = 0
      for (const [index, part] of parts.entries()) {
        at += part.copy(whole, at)
        if (index % 32 === 31) await nextTurn()
      }
      return whole
    },
  }
}

function headerOrder(
  record: readonly string[],
  columns: readonly Column[],
): (Column | null)[] | null {
  const byName = new Map(columns.map((each) => [each.name, each]))
  const names = record.map((each) => each.trim())
  return names.every((name) => byName.has(name))
    ? names.map((name) => byName.get(name) ?? null)
    : null
}

function lineOf(record: readonly string[], order: readonly (Column | null)[]): string {
  const members: string[] = []
  record.forEach((field, index) => {
    const column = order[index]
    if (column === null || column === undefined) return
    const value = valueOf(field, column)
    if (value !== null) members.push(`${JSON.stringify(column.name)}:${value}`)
  })
  return `{${members.join(',')}}\n`
}

/** A field as JSON. Numbers go as text, which loses no digit; lists and maps are JSON already. */
function valueOf(field: string, column: Column): string | null {
  const { type, nullable } = splitNullable(column.type)
  const isText = /^(LowCardinality\()?(String|FixedString)/.test(type)
  if (field === '\\N' || (field === '' && (!isText || nullable))) return null
  if (/^(Array|Map|Tuple|JSON|Nested)/.test(type) && isJson(field)) return field
  return JSON.stringify(field)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function guessDelimiter(body: Buffer): string {
  const end = body.indexOf(10)
  const first = body.subarray(0, Math.min(end < 0 ? body.length : end, 65_536)).toString('utf8')
  const counted = [',', ';', '\t', '|'].map((each) => ({
    each,
    count: first.split(each).length - 1,
  }))
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).each
}

function tooManyFields(row: number, found: number, allowed: number) {
  return fault('request.invalid', {
    public: `Row ${row} has ${found} fields, the data source has ${allowed} columns.`,
  })
}
