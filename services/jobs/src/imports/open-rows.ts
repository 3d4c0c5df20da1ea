// From a file of the import folder to its rows: unpacked, its format and dialect found out, judged by the columns that are set.
import type { ImportFormat, ImportInput } from '@sandpiper/contracts'
import type { Column } from '@sandpiper/datafile'
import {
  compileSchema,
  createCsvRows,
  guessDialect,
  sampleRecords,
  type CsvDialect,
  type CsvRecord,
  type CsvRows,
  type RowDecoder,
} from '@sandpiper/rows'

import { csvFileRows } from './csv-file-rows.ts'
import type { ImportDeps } from './import-deps.ts'
import { lineBlocks, smallPieces } from './line-blocks.ts'
import { ndjsonRows } from './ndjson-rows.ts'
import { isParquet, parquetNdjson } from './parquet.ts'
import { withoutBom, type RowSource } from './row-source.ts'
import { fileHead, isGzip, unpackedBytes } from './unpacked-bytes.ts'

/** The rows of a file, and a way to say which columns judge those that come next. */
export interface OpenRows {
  readonly rows: RowSource
  readonly format: ImportFormat
  /** Must be called before the first row is taken. */
  judgeBy(columns: readonly Column[]): void
}

type Needs = Pick<ImportDeps, 'clickhouse' | 'folder' | 'limits'>

/** Bytes from which a dialect is guessed. */
const SAMPLE_BYTES = 64 * 1024

/** @throws fault `request.invalid` for a file that is not what it says. */
export async function openRows(
  deps: Needs,
  name: string,
  input: Pick<ImportInput, 'format' | 'dialect'>,
  signal: AbortSignal,
): Promise<OpenRows> {
  const found = await asText(deps, name, input.format, signal)
  const pieces = smallPieces(unpackedBytes(found.path, deps.limits, signal))
  if (found.format === 'csv') {
    const sample = await textSample(found.path, deps, SAMPLE_BYTES)
    return csvRows(pieces, guessDialect(sample, input.dialect), sample)
  }
  let decoder: RowDecoder | null = null
  const rows = ndjsonRows(lineBlocks(pieces, 10), () => required(decoder))
  return {
    ...{ rows, format: found.format },
    judgeBy(columns) {
      decoder = compileSchema(columns)
    },
  }
}

function csvRows(pieces: AsyncIterable<Buffer>, dialect: CsvDialect, sample: string): OpenRows {
  let judge: CsvRows | null = null
  const first = sampleRecords(sample, dialect).find((each) => each.fields !== null)
  const blocks = lineBlocks(pieces, dialect.newLine.charCodeAt(0))
  return {
    rows: csvFileRows(blocks, dialect, () => required(judge)),
    format: 'csv',
    judgeBy(columns) {
      const isFirst = judge === null
      judge = createCsvRows(columns)
      // The first record decides what the fields are, also for columns that changed while the file was read.
      if (!isFirst && first !== undefined) judge.decode(first satisfies CsvRecord)
    },
  }
}

/** A file whose bytes are lines of text: the file itself, or what the engine made of Parquet. */
async function asText(
  deps: Needs,
  name: string,
  format: ImportFormat,
  signal: AbortSignal,
): Promise<{ path: string; format: ImportFormat }> {
  const { folder, clickhouse } = deps
  const parquet = await parquetFile(deps, name, format, signal)
  if (parquet === null) return { path: folder.path(name), format }
  const rows = `${name}.rows`
  if ((await folder.size(rows)) === null)
    await folder.derive(rows, parquetNdjson(clickhouse, parquet, null, signal))
  return { path: folder.path(rows), format: 'parquet' }
}

/** Path of the unpacked Parquet file; null when it is none. */
export async function parquetFile(
  { folder, limits }: Pick<Needs, 'folder' | 'limits'>,
  name: string,
  format: ImportFormat,
  signal?: AbortSignal,
): Promise<string | null> {
  const path = folder.path(name)
  const head = await fileHead(path, 4)
  if (isParquet(head)) return path
  if (format !== 'parquet' || !isGzip(head)) return format === 'parquet' ? path : null
  const unpacked = `${name}.unpacked`
  if ((await folder.size(unpacked)) === null)
    await folder.derive(unpacked, unpackedBytes(path, limits, signal))
  return folder.path(unpacked)
}

/** The beginning of a file as text. */
export async function textSample(
  path: string,
  { limits }: Pick<Needs, 'limits'>,
  bytesMax: number,
): Promise<string> {
  const held: Buffer[] = []
  let bytes = 0
  for await (const piece of unpackedBytes(path, limits)) {
    held.push(piece)
    bytes += piece.length
    if (bytes >= bytesMax) break
  }
  return withoutBom(Buffer.concat(held)).subarray(0, bytesMax).toString('utf8')
}

function required<T>(value: T | null): T {
  if (value === null) throw new Error('rows are taken before columns were given')
  return value
}
