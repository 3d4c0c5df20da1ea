import type { CliCall } from '../cli-call.ts'
import { usageError } from '../cli-error.ts'
import type { CommandSpec, Options, OptionSpec } from '../command-spec.ts'
import { printEnd } from '../follow-answer.ts'
import { importBody, importFormat } from '../import-body.ts'

const FROM: readonly OptionSpec[] = [
  ['--file <path>', 'the file'],
  ['--url <url>', 'where the server finds the file'],
  ['--format <format>', 'csv, ndjson or parquet; default: by the name of the file'],
]

export const datasourceAppend: CommandSpec = {
  usage: 'datasource append <data-source> [file-or-url]',
  about: 'add the rows of a file, of a URL, or events',
  options: [...FROM, ['--events <json>', 'events themselves: one JSON object a line']],
  examples: [
    'datasource append events fixtures/events.ndjson',
    'datasource append events --url https://example.com/events.parquet',
    `datasource append events --events '{"at": "2026-01-15 10:00:00"}'`,
  ],
  async run(call, [name = '', from = ''], options) {
    const events = options.text('events')
    if (events === undefined) await importRows(call, 'append', name, sourceOf(from, options))
    else {
      const query = new URLSearchParams({ name, wait: 'true' })
      const path = `/v0/events?${query.toString()}`
      await printEnd(call, await call.client.call('POST', path, { text: events }))
    }
  },
}

export const datasourceReplace: CommandSpec = {
  usage: 'datasource replace <data-source> [file-or-url]',
  about: 'put the rows of a file in place of all, or of some',
  options: [
    ...FROM,
    ['--sql-condition <sql>', 'only rows for which this holds'],
    ['--replace-condition <sql>', 'the same'],
    ['--skip-incompatible-partition-key', 'leave views alone that cannot follow'],
    ['--truncate-when-empty', 'a file without rows removes the rows'],
  ],
  examples: [
    'datasource replace prices prices.csv',
    `datasource replace events june.ndjson --sql-condition "toYYYYMM(at) = 202606"`,
  ],
  async run(call, [name = '', from = ''], options) {
    const condition = options.text('sql-condition') ?? options.text('replace-condition')
    await importRows(call, 'replace', name, sourceOf(from, options), {
      ...(condition === undefined ? {} : { replace_condition: condition }),
      ...(options.isOn('skip-incompatible-partition-key')
        ? { skip_incompatible_partition_key: 'true' }
        : {}),
      ...(options.isOn('truncate-when-empty') ? { replace_truncate_when_empty: 'true' } : {}),
    })
  },
}

interface ImportSource {
  readonly from: string
  readonly format: string
}

function sourceOf(from: string, options: Options): ImportSource {
  const given = [from || undefined, options.text('file'), options.text('url')].filter(
    (each) => each !== undefined,
  )
  const [only] = given
  if (only === undefined || given.length > 1)
    throw usageError('give one file or URL: sandpiper datasource append events events.ndjson.')
  return { from: only, format: options.text('format') ?? importFormat(only) }
}

async function importRows(
  call: CliCall,
  mode: string,
  name: string,
  { from, format }: ImportSource,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const query = new URLSearchParams({ mode, name, format, ...more })
  const path = `/v0/datasources?${query.toString()}`
  if (call.world.isTerminal) call.world.err(`Sending ${from} ...\n`)
  await printEnd(call, await call.client.call('POST', path, await importBody(from)))
}
