import { CliError, usageError } from '../cli-error.ts'
import type { Body } from '../client.ts'
import type { CommandSpec } from '../command-spec.ts'
import { readDuration } from '../duration.ts'
import { sqlRows } from '../sql-rows.ts'
import { showTable, textIn } from '../show.ts'

interface LogSource {
  /** The column with the time. */
  readonly time: string
  /** What a row says. */
  readonly columns: readonly string[]
}

const SOURCES: Readonly<Record<string, LogSource>> = {
  datasources_ops_log: {
    time: 'timestamp',
    columns: ['event_type', 'datasource_name', 'result', 'rows', 'rows_quarantine', 'error'],
  },
  kafka_ops_log: {
    time: 'timestamp',
    columns: ['topic', 'partition', 'msg_type', 'lag', 'processed_messages', 'msg'],
  },
  jobs_log: { time: 'created_at', columns: ['job_type', 'status', 'pipe_name', 'error'] },
  endpoint_errors: {
    time: 'start_datetime',
    columns: ['pipe_name', 'status_code', 'params', 'error'],
  },
  pipe_stats_rt: {
    time: 'start_datetime',
    columns: ['pipe_name', 'duration', 'status_code', 'read_rows', 'result_rows'],
  },
}
/** What is looked at when nothing is said. */
const USUAL = ['datasources_ops_log', 'jobs_log', 'endpoint_errors']

export const logs: CommandSpec = {
  usage: 'logs',
  about: 'what happened lately, newest last, from the service data sources',
  options: [
    ['--start <duration>', 'how far back: -30m, -2h, -1d', '-30m'],
    ['--source <name...>', Object.keys(SOURCES).join(', ')],
    ['--limit <n>', 'rows of each', '100'],
  ],
  examples: ['logs', 'logs --start -2h --source pipe_stats_rt'],
  async run(call, _args, options) {
    const chosen = options.list('source')
    const unknown = chosen.find((name) => SOURCES[name] === undefined)
    if (unknown !== undefined)
      throw usageError(`--source ${unknown}: use ${Object.keys(SOURCES).join(', ')}.`)
    const seconds = readDuration('start', (options.text('start') ?? '').replace(/^-/, '')) / 1000
    const limit = options.count('limit', 1)
    const found = await Promise.all(
      (chosen.length === 0 ? USUAL : chosen).map(async (name) => {
        try {
          return await rowsOf(call.client, name, { seconds, limit })
        } catch (err) {
          // Asked for by name it has to be there; of the usual ones a server may lack some.
          if (chosen.length > 0 || !(err instanceof CliError) || err.status !== 400) throw err
          call.world.err(`${name} is left out: ${err.message}\n`)
          return []
        }
      }),
    )
    const lines = found.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    const rows = lines.map(({ at, source, what }) => [at, source, what])
    const headings = ['TIME', 'SOURCE', 'WHAT']
    const body = { logs: lines.map(({ at, source, row }) => ({ time: at, source, ...row })) }
    showTable(call, body, { headings, rows, empty: 'Nothing happened.' })
  },
}

interface LogLine {
  readonly at: string
  readonly source: string
  readonly what: string
  readonly row: Body
}

async function rowsOf(
  client: Parameters<typeof sqlRows>[0],
  source: string,
  { seconds, limit }: { readonly seconds: number; readonly limit: number },
): Promise<LogLine[]> {
  const { time, columns } = SOURCES[source] ?? { time: 'timestamp', columns: [] }
  const rows = await sqlRows(
    client,
    `SELECT toString(${time}) AS _at, * FROM tinybird.${source}
     WHERE ${time} > now() - INTERVAL ${seconds} SECOND
     ORDER BY ${time} DESC LIMIT ${limit}`,
  )
  return rows.map(({ _at, ...row }) => ({
    at: String(_at),
    source,
    what: columns
      .map((name) => ({ name, value: textIn(row, name) }))
      .filter(({ value }) => value !== '')
      .map(({ name, value }) => `${name}=${value}`)
      .join(' '),
    row,
  }))
}
