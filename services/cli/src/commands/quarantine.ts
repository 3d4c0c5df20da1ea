import { readFileSync } from 'node:fs'
import {
  healPreviewSchema,
  jobSchema,
  quarantineDetailSchema,
  quarantineListSchema,
  type HealPreviewBody,
  type QuarantineDetailBody,
} from '@sandpiper/contracts'
import type { CliCall } from '../cli-call.ts'
import { usageError } from '../cli-error.ts'
import type { CommandSpec, Options, OptionSpec } from '../command-spec.ts'
import { followJob } from '../follow-job.ts'
import { json, plain, table } from '../print.ts'

const CHOSEN: readonly OptionSpec[] = [
  ['--cause <id...>', 'only these causes, as shown'],
  ['--from <time>', 'quarantined at this time or later, UTC'],
  ['--to <time>', 'quarantined before this time'],
]
const HEALING: readonly OptionSpec[] = [
  ...CHOSEN,
  ['--mapping <file|json>', 'where values come from: a JSON file, or the JSON itself'],
]

export const quarantineLs: CommandSpec = {
  usage: 'quarantine ls',
  aliases: ['quarantine list'],
  about: 'data sources with quarantined rows',
  examples: ['quarantine ls'],
  run: (call) => list(call),
}

export const quarantineShow: CommandSpec = {
  usage: 'quarantine show <data-source>',
  about: 'why rows were refused, grouped by cause',
  options: [
    ...CHOSEN,
    ['--limit <n>', 'how many causes', '20'],
    ['--samples <n>', 'lines shown for each', '3'],
  ],
  examples: ['quarantine show orders --samples 1'],
  run: (call, [name = ''], options) => show(call, name, options),
}

export const quarantinePreview: CommandSpec = {
  usage: 'quarantine preview <data-source>',
  about: 'what a replay would recover; changes nothing',
  options: HEALING,
  examples: ['quarantine preview orders --mapping mapping.json'],
  run: (call, [name = ''], options) => preview(call, name, options),
}

export const quarantineReplay: CommandSpec = {
  usage: 'quarantine replay <data-source>',
  about: 'bring the rows in that are valid now, each once; the others stay',
  options: [...HEALING, ['--no-wait', 'print the job and do not wait for it']],
  examples: ['quarantine replay orders', 'quarantine replay orders --cause a1b2c3'],
  run: (call, [name = ''], options) => replay(call, name, options),
}

async function list({ client, world, isJson }: CliCall): Promise<void> {
  const body = await client.get('/v1/quarantine', quarantineListSchema)
  if (isJson) world.out(json(body))
  else if (body.quarantine.length === 0) world.out('No rows are quarantined.\n')
  else {
    const rows = body.quarantine.map(({ datasource, rows, first_seen, last_seen, breaker }) => [
      datasource.name,
      rows,
      first_seen,
      last_seen,
      breaker.state,
    ])
    world.out(table(['DATA SOURCE', 'ROWS', 'FIRST SEEN', 'LAST SEEN', 'BREAKER'], rows))
  }
}

async function show(
  { client, world, isJson }: CliCall,
  name: string,
  options: Options,
): Promise<void> {
  const query = new URLSearchParams()
  for (const key of ['limit', 'samples', 'from', 'to'])
    if (options.text(key) !== undefined) query.set(key, options.text(key) ?? '')
  const causes = options.list('cause')
  if (causes.length > 0) query.set('cause', causes.join(','))
  const path = `/v1/quarantine/${encodeURIComponent(name)}?${query.toString()}`
  const body = await client.get(path, quarantineDetailSchema)
  world.out(isJson ? json(body) : shownCauses(body))
}

function shownCauses({ datasource, rows, causes, has_more }: QuarantineDetailBody): string {
  if (causes.length === 0) return `No rows of ${datasource.name} are quarantined.\n`
  const blocks = causes.map((cause) => {
    const head = `${cause.id}  ${cause.rows} rows  ${plain(cause.column)}\n  ${plain(cause.cause)}\n`
    const samples = cause.samples.map(({ raw }) => `    ${plain(raw ?? 'no line was kept')}\n`)
    return head + samples.join('')
  })
  const more = has_more ? '\nThere are more causes: --limit shows them.\n' : ''
  return `${datasource.name}: ${rows} rows\n\n${blocks.join('\n')}${more}`
}

async function preview(
  { client, world, isJson }: CliCall,
  name: string,
  options: Options,
): Promise<void> {
  const path = `/v1/quarantine/${encodeURIComponent(name)}/preview`
  const body = await client.post(path, { json: requestOf(options) }, healPreviewSchema)
  world.out(isJson ? json(body) : shownPreview(body))
}

function shownPreview({
  rows,
  examined,
  recovered,
  remaining,
  causes,
  samples,
}: HealPreviewBody): string {
  const part = examined < rows ? ` of the first ${examined}` : ''
  const lines = [
    `${rows} rows selected; a replay recovers ${recovered}${part} and leaves ${remaining}.`,
    ...samples.recovered.flatMap(({ raw, row }) => [`  ${plain(raw)}`, `  -> ${plain(row)}`]),
    ...(causes.length === 0 ? [] : ['Why rows stay:']),
    ...causes.map((cause) => `  ${cause.rows} rows  ${plain(cause.cause)}`),
  ]
  return `${lines.join('\n')}\n`
}

async function replay(call: CliCall, name: string, options: Options): Promise<void> {
  const { client, world, isJson } = call
  const path = `/v1/quarantine/${encodeURIComponent(name)}/replay`
  const { job } = await client.post(path, { json: requestOf(options) }, replaySchema)
  if (!options.isOn('wait')) {
    world.out(isJson ? json(job) : `job ${job.id}\n`)
    return
  }
  const done = await followJob(call, job.id)
  if (isJson) world.out(json(done))
  else {
    const count = (key: string): string => plain(JSON.stringify(done[key] ?? 0))
    world.out(`${count('recovered_rows')} rows recovered, ${count('remaining_rows')} left.\n`)
    if (typeof done['view_failure'] === 'string')
      world.err(`A materialized view failed on some of them: ${plain(done['view_failure'])}\n`)
  }
}

const replaySchema = {
  safeParse(value: unknown) {
    const inner = jobSchema.safeParse((value as { job?: unknown } | null)?.job)
    return inner.success
      ? { success: true as const, data: { job: inner.data } }
      : { success: false as const }
  },
}

function requestOf(options: Options): Record<string, unknown> {
  const causes = options.list('cause')
  const [from, to, mapping] = ['from', 'to', 'mapping'].map((name) => options.text(name))
  return {
    ...(causes.length === 0 ? {} : { causes }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(mapping === undefined ? {} : { mapping: mappingOf(mapping) }),
  }
}

function mappingOf(text: string): unknown {
  const isInline = text.trimStart().startsWith('{')
  let content = text
  try {
    if (!isInline) content = readFileSync(text, 'utf8')
    return JSON.parse(content) as unknown
  } catch (err) {
    const why = err instanceof Error ? err.message : String(err)
    throw usageError(
      `--mapping ${isInline ? '' : `${text} `}cannot be read: ${why}. Give a JSON file, or the JSON itself.`,
    )
  }
}
