import { usageError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { resultTable } from '../result-table.ts'
import { objectIn } from '../show.ts'
import type { Body } from '../client.ts'

const FORMATS: Readonly<Record<string, string>> = {
  json: 'JSON',
  csv: 'CSVWithNames',
  ndjson: 'JSONEachRow',
  tsv: 'TSVWithNames',
}
/** The output choice of the query itself. */
const OWN_FORMAT = /\bFORMAT\s+\w+\s*;?\s*$/i

/** One SELECT. */
export const sql: CommandSpec = {
  usage: 'sql <query>',
  about: 'run one SELECT; as a table, unless it names a FORMAT',
  options: [
    ['--format <format>', 'json, csv, ndjson or tsv instead of a table'],
    ['--stats', 'print what the query read and how long it took'],
    ['--pipe <pipe>', 'what _ stands for in the query'],
  ],
  examples: [
    'sql "SELECT count() FROM events"',
    'sql "SELECT * FROM events LIMIT 10" --format csv > events.csv',
    'sql "SELECT count() FROM _" --pipe top_pages --stats',
  ],
  async run({ client, world, isJson }, [query = ''], options) {
    const format = options.text('format')
    const name = format === undefined ? null : FORMATS[format]
    if (name === undefined)
      throw usageError(`--format ${format ?? ''}: use ${Object.keys(FORMATS).join(', ')}.`)
    const text = name === null ? query : `${query.replace(/;\s*$/, '')}\nFORMAT ${name}`
    const pipe = options.text('pipe')
    const path = pipe === undefined ? '' : `?${new URLSearchParams({ pipeline: pipe }).toString()}`
    const answer = await client.raw(`/v0/sql${path}`, { text })
    const result = new TextDecoder().decode(answer.bytes)
    const isTable = !isJson && format === undefined && !OWN_FORMAT.test(query)
    world.out((isTable ? resultTable(result) : null) ?? ended(answer.bytes, result))
    if (options.isOn('stats')) world.err(`${statisticsOf(result)}\n`)
  },
}

function statisticsOf(text: string): string {
  const { elapsed, rows_read, bytes_read } = objectIn(bodyOf(text) ?? {}, 'statistics')
  if (typeof elapsed !== 'number') return 'This format carries no statistics: leave --format out.'
  return `${elapsed.toFixed(4)} s, ${String(rows_read)} rows and ${String(bytes_read)} bytes read`
}

function bodyOf(text: string): Body | null {
  try {
    return JSON.parse(text) as Body | null
  } catch {
    return null
  }
}

/** As it came, with an end of the line where a text has none. */
function ended(bytes: Uint8Array, text: string): string | Uint8Array {
  const isBinary = bytes.includes(0)
  return isBinary || text === '' || text.endsWith('\n') ? bytes : `${text}\n`
}
