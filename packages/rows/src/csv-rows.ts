// CSV records as rows of a data source: which field belongs to which column, and what each field says as JSON. One decoder judges
// every way in, so a CSV row is the NDJSON row with its fields as texts.
import { splitNullable, type Column } from '@sandpiper/datafile'

import { compileSchema, decodeLine } from './compile-schema.ts'
import type { CsvRecord } from './csv-reader.ts'
import type { DecodedRow } from './decoded.ts'
import { engineTextAsJson } from './engine-text.ts'
import { cleanName } from './infer-schema.ts'

/** Turns records into rows. The first record given decides whether there is a header. */
export interface CsvRows {
  /** Null for the header. */
  decode(record: CsvRecord): DecodedRow | null
}

interface Field {
  readonly key: string
  readonly isText: boolean
  readonly isNullable: boolean
  readonly isJson: boolean
  /** What an empty field stands for; null: a missing value. */
  readonly empty: string | null
}

/**
 * Matches fields to columns by the names of a header, else by position. A first record is a header when each of its fields names a
 * column, or when some do and it is no row. Fields of a header that name no column are left out; a row with more fields than
 * there are columns is refused.
 */
export function createCsvRows(columns: readonly Column[]): CsvRows {
  // Fields are keyed by column name, whatever paths the columns have for events.
  const decoder = compileSchema(columns.map((each) => ({ ...each, jsonPath: null })))
  const known = new Map(columns.map((each) => [each.name.toLowerCase(), fieldOf(each)]))
  const inOrder = columns.map(fieldOf)
  let order: readonly (Field | null)[] | null = null
  let isFirst = true

  function columnNamed(text: string): Field | null {
    const name = text.trim().toLowerCase()
    // A data source that was made from such a file has the names that a column may have.
    return known.get(name) ?? known.get(cleanName(name)) ?? null
  }

  function rowOf(record: CsvRecord, fields: readonly (Field | null)[]): DecodedRow {
    if (record.fields === null) return decoder.refuse(record.raw, record.problem ?? 'not valid CSV')
    if (record.raw.includes('\ufffd')) return decoder.refuse(record.raw, 'not valid UTF-8')
    if (record.fields.length > fields.length) {
      const message = `the row has ${record.fields.length} fields, the table ${fields.length} columns`
      return decoder.refuse(record.raw, message)
    }
    return decodeLine(lineOf(record.fields, fields), decoder)
  }

  return {
    decode(record) {
      if (!isFirst || record.fields === null) return rowOf(record, order ?? inOrder)
      isFirst = false
      const named = record.fields.map(columnNamed)
      const matches = new Set(named.filter((each) => each !== null)).size
      const isHeader =
        matches > 0 && (matches === named.length || rowOf(record, inOrder).kind === 'refused')
      order = isHeader ? named : inOrder
      return isHeader ? null : rowOf(record, order)
    },
  }
}

function fieldOf(column: Column): Field {
  const { type, nullable } = splitNullable(column.type)
  return {
    key: `${JSON.stringify(column.name)}:`,
    isText: /^(LowCardinality\()?(String|FixedString)/.test(type),
    isNullable: nullable,
    isJson: /^(Array|Map|Tuple|JSON|Nested)/.test(type),
    // Lists and maps cannot be Nullable: empty is a value of theirs.
    empty:
      column.default !== null ? null : /^Array/.test(type) ? '[]' : /^Map/.test(type) ? '{}' : null,
  }
}

function lineOf(values: readonly string[], order: readonly (Field | null)[]): string {
  let line = ''
  for (let index = 0; index < values.length; index += 1) {
    const field = order[index] ?? null
    if (field === null) continue
    const json = jsonOf(values[index] ?? '', field)
    if (json !== null) line += line === '' ? field.key + json : `,${field.key}${json}`
  }
  return `{${line}}`
}

/** A field as JSON; null when it is missing. Numbers go as text, which loses no digit; lists and maps are JSON already, or as the engine writes them. */
function jsonOf(value: string, { isText, isNullable, isJson, empty }: Field): string | null {
  if (value === '' && empty !== null) return empty
  if (value === '\\N' || (value === '' && (!isText || isNullable))) return null
  if (isJson) {
    if (isJsonText(value)) return value
    const json = engineTextAsJson(value)
    if (json !== null && isJsonText(json)) return json
  }
  return JSON.stringify(isText ? value : value.trim())
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
