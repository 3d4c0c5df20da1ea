// The forms a result can take: by the ending of an endpoint's path, or by FORMAT at the end of SQL.
import { fault } from '@sandpiper/faults'

export interface OutputFormat {
  /** Name the engine knows it by. */
  readonly engineFormat: string
  readonly contentType: string
  /** Set when the answer is made here of what the engine gives. */
  readonly madeHere?: 'prometheus'
}

const JSON_FORMAT: OutputFormat = { engineFormat: 'JSON', contentType: 'application/json' }
const CSV: OutputFormat = { engineFormat: 'CSVWithNames', contentType: 'text/csv' }
const NDJSON: OutputFormat = {
  engineFormat: 'JSONEachRow',
  contentType: 'application/x-ndjson',
}
const PARQUET: OutputFormat = {
  engineFormat: 'Parquet',
  contentType: 'application/vnd.apache.parquet',
}
const PROMETHEUS: OutputFormat = {
  engineFormat: 'JSONCompactEachRowWithNamesAndTypes',
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  madeHere: 'prometheus',
}
const text = (engineFormat: string, contentType = 'text/plain; charset=utf-8'): OutputFormat => ({
  engineFormat,
  contentType,
})
const TSV = 'text/tab-separated-values; charset=utf-8'

const BY_ENDING: ReadonlyMap<string, OutputFormat> = new Map([
  ['json', JSON_FORMAT],
  ['csv', CSV],
  ['csvwithnames', CSV],
  ['ndjson', NDJSON],
  ['parquet', PARQUET],
  ['prometheus', PROMETHEUS],
])

const BY_NAME: ReadonlyMap<string, OutputFormat> = new Map([
  ['json', JSON_FORMAT],
  ['jsoncompact', text('JSONCompact', 'application/json')],
  ['jsoneachrow', NDJSON],
  ['ndjson', NDJSON],
  ['jsoncompacteachrow', text('JSONCompactEachRow', 'application/x-ndjson')],
  ['csv', text('CSV', 'text/csv')],
  ['csvwithnames', CSV],
  ['tsv', text('TabSeparated', TSV)],
  ['tabseparated', text('TabSeparated', TSV)],
  ['tsvwithnames', text('TabSeparatedWithNames', TSV)],
  ['tabseparatedwithnames', text('TabSeparatedWithNames', TSV)],
  ['tsvraw', text('TabSeparatedRaw', TSV)],
  ['tabseparatedraw', text('TabSeparatedRaw', TSV)],
  ['pretty', text('Pretty')],
  ['prettycompact', text('PrettyCompact')],
  ['vertical', text('Vertical')],
  ['markdown', text('Markdown')],
  ['parquet', PARQUET],
  ['prometheus', PROMETHEUS],
])

/** The form for `/v0/pipes/x.<ending>`. @throws fault `request.invalid` naming what there is. */
export function formatOfEnding(ending: string): OutputFormat {
  const format = BY_ENDING.get(ending)
  if (format !== undefined) return format
  throw fault('request.invalid', {
    public: `The format '${ending}' is not supported. Use one of: ${[...BY_ENDING.keys()].join(', ')}.`,
  })
}

/** The form for `... FORMAT <name>`, in any case; JSON without one. @throws fault `request.invalid` naming what there is. */
export function formatOfName(name: string | null): OutputFormat {
  const format = name === null ? JSON_FORMAT : BY_NAME.get(name.toLowerCase())
  if (format !== undefined) return format
  const known = [...new Set([...BY_NAME.values()].map(nameOf))]
  throw fault('request.invalid', {
    public: `The format '${name ?? ''}' is not supported. Use one of: ${known.join(', ')}.`,
  })
}

function nameOf({ engineFormat, madeHere }: OutputFormat): string {
  return madeHere === 'prometheus' ? 'Prometheus' : engineFormat
}
