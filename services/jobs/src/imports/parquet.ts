// Parquet is read by the engine, as rows of JSON in the order of the file: from there on they are judged like any other.
import type { ClickHouse } from '@sandpiper/clickhouse'
import { normalizeType } from '@sandpiper/datafile'
import { fault } from '@sandpiper/faults'

/** How the engine may read a file of somebody else. */
const READ_SETTINGS: Readonly<Record<string, string | number>> = {
  // Reading a file counts as making a table: nothing of the statement is a caller's.
  readonly: 0,
  // The same order each time: an import that is run again must make the same chunks.
  max_threads: 1,
  input_format_parquet_preserve_order: 1,
  max_memory_usage: 2 * 1_073_741_824,
  max_result_bytes: 0,
  max_result_rows: 0,
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_decimals: 0,
  output_format_json_escape_forward_slashes: 0,
  output_format_json_named_tuples_as_objects: 1,
  date_time_output_format: 'simple',
}

/** Milliseconds the engine may take for a whole file. */
const TIMEOUT_MS = 3_600_000

/** What the engine finds in a file. */
export interface ParquetColumn {
  readonly name: string
  readonly type: string
}

/** Whether bytes begin like Parquet. */
export function isParquet(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 4)).toString('latin1') === 'PAR1'
}

/** Its columns. @throws fault `request.invalid` when it is no Parquet. */
export async function parquetColumns(
  clickhouse: Pick<ClickHouse, 'rows' | 'query'>,
  path: string,
): Promise<ParquetColumn[]> {
  try {
    const found = await clickhouse.rows<ParquetColumn>({
      sql: `DESCRIBE TABLE ${table(path)}`,
      settings: { schema_inference_make_columns_nullable: 'auto' },
    })
    return found.map(({ name, type }) => ({ name, type: normalizeType(type) }))
  } catch (err) {
    throw translated(err)
  }
}

/** Its rows as NDJSON. @param limit rows, or null for all. @throws fault `request.invalid` when it cannot be read. */
export async function* parquetNdjson(
  clickhouse: Pick<ClickHouse, 'rows' | 'query'>,
  path: string,
  limit: number | null,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    const { body } = await clickhouse.query({
      sql: `SELECT * FROM ${table(path)}${limit === null ? '' : ` LIMIT ${limit}`}`,
      format: 'JSONEachRow',
      settings: READ_SETTINGS,
      timeoutMs: TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    })
    for await (const piece of body) yield piece
  } catch (err) {
    throw translated(err)
  }
}

function table(path: string): string {
  return `file('${path.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}', 'Parquet')`
}

/** The engine's text names the file on our disk: it stays inside. */
function translated(err: unknown): unknown {
  const isFileFault = err instanceof Error && 'code' in err && err.code === 'query.failed'
  return isFileFault
    ? fault('request.invalid', { public: 'The file is not valid Parquet.', cause: err })
    : err
}
