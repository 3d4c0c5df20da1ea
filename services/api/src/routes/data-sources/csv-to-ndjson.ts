// CSV bodies become NDJSON keyed by column name, so that one decoder judges every way in.
import type { Column } from '@sandpiper/datafile'
import { splitNullable } from '@sandpiper/datafile'
import { fault } from '@sandpiper/faults'
import { parse } from 'csv-parse'

export interface CsvDialect {
  /** One character; guessed from the first line when absent. */
  readonly delimiter?: string | undefined
  readonly escape?: string | undefined
}

/** Rows after which other requests get their turn. */
const ROWS_PER_SLICE = 500

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
  const parser = parse(body, {
    bom: true,
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    ...(dialect.escape === undefined ? {} : { escape: dialect.escape }),
  })
  const lines: string[] = []
  let order: readonly (Column | null)[] | null = null
  let count = 0
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (order === null) {
        order = headerOrder(record, columns) ?? columns
        if (order !== columns) continue
      }
      if (record.length > order.length) throw tooManyFields(count + 1, record.length, order.length)
      lines.push(lineOf(record, order))
      count++
      if (count % ROWS_PER_SLICE === 0) await new Promise((resolve) => setImmediate(resolve))
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
  return Buffer.from(lines.join(''))
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
