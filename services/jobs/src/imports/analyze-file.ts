// What a file looks like: its columns with recommended types, the schema they make, and its first rows under it. Only the beginning of the
// file is looked at, so a second look at another sample may say something else.
import type { AnalyzedFile, AnalyzeRequest, ImportFormat } from '@sandpiper/contracts'
import { printColumn, splitNullable, type Column } from '@sandpiper/datafile'
import { fault } from '@sandpiper/faults'
import {
  compileSchema,
  createCsvRows,
  decodeLine,
  guessDialect,
  inferFromCsv,
  inferFromJson,
  INFERRED_COLUMNS_MAX,
  isHeader,
  sampleRecords,
  type DecodedRow,
  type InferredSchema,
} from '@sandpiper/rows'

import type { ImportDeps } from './import-deps.ts'
import { parquetFile, textSample } from './open-rows.ts'
import { parquetColumns, parquetNdjson } from './parquet.ts'

type Needs = Pick<ImportDeps, 'clickhouse' | 'folder' | 'limits'>

const SAMPLE_BYTES = 1024 * 1024
const SAMPLE_LINES = 2_000
const PREVIEW_ROWS = 10

interface Sample {
  readonly format: ImportFormat
  readonly schema: InferredSchema
  readonly bytes: number
  preview(columns: readonly Column[]): readonly (DecodedRow | null)[]
}

/** @throws fault `request.invalid` for a file with no rows, or that is not what it says. */
export async function analyzeFile(
  deps: Needs,
  name: string,
  request: AnalyzeRequest,
): Promise<AnalyzedFile<Column>> {
  const beganMs = performance.now()
  const sample = await sampleOf(deps, name, request)
  const { schema } = sample
  if (schema.columns.length === 0)
    throw fault('request.invalid', { public: 'The file has no rows to tell a schema from.' })
  const columns = schema.columns.map((each) => each.column)
  const rows = sample.preview(columns).filter((each) => each?.kind === 'row')
  const data = rows.map((each) => JSON.parse(each.json) as Record<string, unknown>)
  return {
    format: sample.format,
    columns,
    body: {
      analysis: {
        columns: schema.columns.map(({ column, presence }) => ({
          path: column.jsonPath ?? column.name,
          recommended_type: splitNullable(column.type).type,
          present_pct: presence,
          name: column.name,
        })),
        schema: columns.map(printColumn).join(', '),
        ...(schema.leftOut.length === 0 ? {} : { left_out: [...schema.leftOut] }),
      },
      preview: {
        meta: columns.map(({ name: column, type }) => ({ name: column, type })),
        data,
        rows: data.length,
        statistics: {
          elapsed: (performance.now() - beganMs) / 1000,
          rows_read: schema.rows,
          bytes_read: sample.bytes,
        },
      },
    },
  }
}

async function sampleOf(deps: Needs, name: string, request: AnalyzeRequest): Promise<Sample> {
  const parquet = await parquetFile(deps, name, request.format)
  if (parquet !== null) return parquetSample(deps, parquet)
  const text = await textSample(deps.folder.path(name), deps, SAMPLE_BYTES)
  return request.format === 'csv' && !looksLikeJson(text)
    ? csvSample(text, request)
    : jsonSample(text)
}

/** A file of JSON lines that is called CSV because that is the default. */
function looksLikeJson(text: string): boolean {
  const first = text.trimStart().split('\n', 1)[0] ?? ''
  return first.startsWith('{"') && inferFromJson([first]).rows === 1
}

function csvSample(text: string, { dialect: known, typeGuessing }: AnalyzeRequest): Sample {
  const dialect = guessDialect(text, known)
  const records = sampleRecords(text, dialect).filter((each) => each.fields !== null)
  const fields = records.map((each) => each.fields ?? [])
  const hasHeader = isHeader(fields)
  const schema = inferFromCsv(
    hasHeader ? fields.slice(1) : fields,
    hasHeader ? (fields[0] ?? null) : null,
    typeGuessing,
  )
  return {
    ...{ format: 'csv', schema, bytes: Buffer.byteLength(text) },
    preview(columns) {
      // Judged by position: a header's names may have become others.
      const rows = createCsvRows(columns)
      rows.decode({ fields: columns.map((each) => each.name), problem: null, raw: '' })
      return records
        .slice(hasHeader ? 1 : 0, PREVIEW_ROWS + (hasHeader ? 1 : 0))
        .map((each) => rows.decode(each))
    },
  }
}

function jsonSample(text: string): Sample {
  const lines = text.split('\n').slice(0, SAMPLE_LINES)
  // The last line of a sample may be cut.
  const whole = lines.length > 1 && text.length >= SAMPLE_BYTES / 4 ? lines.slice(0, -1) : lines
  return fromJson('ndjson', whole, Buffer.byteLength(text))
}

async function parquetSample({ clickhouse }: Needs, path: string): Promise<Sample> {
  const types = (await parquetColumns(clickhouse, path)).slice(0, INFERRED_COLUMNS_MAX)
  const pieces: Uint8Array[] = []
  let bytes = 0
  // A few rows of Parquet can be gigabytes of text.
  for await (const piece of parquetNdjson(clickhouse, path, SAMPLE_LINES)) {
    pieces.push(piece.subarray(0, SAMPLE_BYTES - bytes))
    bytes += piece.byteLength
    if (bytes >= SAMPLE_BYTES) break
  }
  const text = Buffer.concat(pieces).toString('utf8')
  const lines = text.split('\n')
  // The last line of a sample may be cut.
  if (bytes >= SAMPLE_BYTES) lines.pop()
  const found = fromJson('parquet', lines, Math.min(bytes, SAMPLE_BYTES))
  const presence = new Map(
    found.schema.columns.map((each) => [each.column.jsonPath, each.presence]),
  )
  const columns = types.flatMap(({ name, type }) => {
    const isList = type.startsWith('Array(')
    const isPlain = /^[A-Za-z_]\w*$/.test(name)
    const path_ = `$.${name}${isList ? '[:]' : ''}`
    const column = { name, type, jsonPath: path_, default: null, codec: null }
    return isPlain && !/^(Tuple|Map|Nested)/.test(splitNullable(type).type)
      ? [{ column, presence: presence.get(path_) ?? 0 }]
      : found.schema.columns.filter(
          (each) => each.column.jsonPath?.startsWith(`$.${name}`) === true,
        )
  })
  return { ...found, schema: { ...found.schema, columns } }
}

function fromJson(format: ImportFormat, lines: readonly string[], bytes: number): Sample {
  return {
    ...{ format, schema: inferFromJson(lines), bytes },
    preview(columns) {
      const decoder = compileSchema(columns)
      const rows = lines.filter((each) => each.trim() !== '').slice(0, PREVIEW_ROWS)
      return rows.map((each) => decodeLine(each.trim(), decoder))
    },
  }
}
