import { usageError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { table } from '../print.ts'
import { objectIn } from '../show.ts'
import type { Body } from '../client.ts'

const FORMATS: Readonly<Record<string, string>> = {
  json: 'JSON',
  csv: 'CSVWithNames',
  ndjson: 'JSONEachRow',
  tsv: 'TSVWithNames',
}

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
    const answer = await client.postForText(`/v0/sql${path}`, { text })
    const isTable = answer.contentType.includes('json') && !isJson && name === null
    const result = isTable ? resultOf(answer.text) : null
    world.out(result === null ? ended(answer.text) : table(result.headings, result.rows))
    if (options.isOn('stats')) world.err(`${statisticsOf(answer.text)}\n`)
  },
}

function statisticsOf(text: string): string {
  const { elapsed, rows_read, bytes_read } = objectIn(bodyOf(text) ?? {}, 'statistics')
  if (typeof elapsed !== 'number') return 'This format carries no statistics: leave --format out.'
  return `${elapsed.toFixed(4)} s, ${String(rows_read)} rows and ${String(bytes_read)} bytes read`
}

/** The parts of FORMAT JSON; null for another one. */
function resultOf(text: string): { headings: string[]; rows: unknown[][] } | null {
  const { meta, data } = bodyOf(text) ?? {}
  if (!Array.isArray(meta) || !Array.isArray(data)) return null
  const headings = meta.map((column) => String((column as { name?: unknown }).name))
  const rows = (data as Record<string, unknown>[]).map((row) => headings.map((each) => row[each]))
  return { headings, rows }
}

function bodyOf(text: string): Body | null {
  try {
    return JSON.parse(text) as Body | null
  } catch {
    return null
  }
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
