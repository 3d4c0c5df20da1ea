import { readFileSync } from 'node:fs'
import { usageError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { importBody, importFormat } from '../import-body.ts'
import { json } from '../print.ts'
import { inPath, objectIn, showLine, textIn } from '../show.ts'

export const datasourceAnalyze: CommandSpec = {
  usage: 'datasource analyze <file-or-url>',
  about: 'guess a schema from a file',
  examples: ['datasource analyze events.ndjson'],
  async run({ client, world }, [from = '']) {
    const path = `/v0/analyze?format=${importFormat(from)}`
    world.out(json(await client.call('POST', path, await importBody(from))))
  },
}

export const datasourceCreate: CommandSpec = {
  usage: 'datasource create <data-source>',
  about: 'make a data source from a schema, or from what a file looks like',
  options: [
    ['--schema <columns>', 'columns as a SCHEMA block has them, or @file'],
    ['--file <path>', 'a file whose rows become its first'],
    ['--url <url>', 'where the server finds such a file'],
    ['--engine <engine>', 'default MergeTree'],
    ['--sorting-key <key>', 'ENGINE_SORTING_KEY'],
    ['--partition-key <key>', 'ENGINE_PARTITION_KEY'],
  ],
  examples: [
    'datasource create prices --schema "at DateTime, price Float64" --sorting-key at',
    'datasource create events --file events.ndjson',
  ],
  async run(call, [name = ''], options) {
    const from = options.text('file') ?? options.text('url')
    const schema = options.text('schema')
    if (from === undefined && schema === undefined)
      throw usageError('say what it is made of: --schema, --file or --url.')
    const query = new URLSearchParams({ mode: 'create', name })
    const optional = {
      schema: schema === undefined ? undefined : schemaText(schema),
      format: from === undefined ? undefined : importFormat(from),
      engine: options.text('engine'),
      engine_sorting_key: options.text('sorting-key'),
      engine_partition_key: options.text('partition-key'),
    }
    for (const [key, value] of Object.entries(optional))
      if (value !== undefined) query.set(key, value)
    const body =
      from === undefined
        ? { form: new URLSearchParams({ mode: 'create' }) }
        : await importBody(from)
    const made = await call.client.call('POST', `/v0/datasources?${query.toString()}`, body)
    const shown = textIn(objectIn(made, 'datasource'), 'name') || name
    showLine(
      call,
      made,
      `${shown} is there. Keep it in your project: sandpiper pull, or GET /v0/datasources/${inPath(shown)}.datasource.`,
    )
  },
}

function schemaText(text: string): string {
  if (!text.startsWith('@')) return text
  try {
    return readFileSync(text.slice(1), 'utf8')
  } catch {
    throw usageError(`the file ${text.slice(1)} cannot be read.`)
  }
}
