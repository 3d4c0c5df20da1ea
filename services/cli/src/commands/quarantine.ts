import { readFileSync } from 'node:fs'
import {
  healPreviewSchema,
  jobSchema,
  quarantineDetailSchema,
  quarantineListSchema,
  type HealPreviewBody,
  type QuarantineDetailBody,
} from '@sandpiper/contracts'
import type { Command } from 'commander'
import type { CliCall, CommandGroup } from '../cli-call.ts'
import { usageError } from '../cli-error.ts'
import { followJob } from '../follow-job.ts'
import { json, plain, table } from '../print.ts'

interface Chosen {
  readonly cause?: readonly string[]
  readonly from?: string
  readonly to?: string
}

/** `sandpiper quarantine list|show|preview|replay`. */
export const addQuarantineCommands: CommandGroup = (program, call) => {
  const quarantine = program
    .command('quarantine')
    .description('rows that were refused: see why, heal them, bring them in')
  quarantine
    .command('list')
    .description('data sources with quarantined rows')
    .action(async (_: unknown, command: Command) => list(call(command)))
  chosen(quarantine.command('show <data-source>'))
    .description('why rows were refused, grouped by cause')
    .option('--limit <n>', 'how many causes', '20')
    .option('--samples <n>', 'lines shown for each', '3')
    .action(async (name: string, options: ShowOptions, command: Command) =>
      show(call(command), name, options),
    )
  healing(quarantine.command('preview <data-source>'))
    .description('what a replay would recover; changes nothing')
    .action(async (name: string, options: HealOptions, command: Command) =>
      preview(call(command), name, options),
    )
  healing(quarantine.command('replay <data-source>'))
    .description('bring the rows in that are valid now, each once; the others stay')
    .option('--no-wait', 'print the job and do not wait for it')
    .action(async (name: string, options: HealOptions & { wait: boolean }, command: Command) =>
      replay(call(command), name, options),
    )
}

interface ShowOptions extends Chosen {
  readonly limit: string
  readonly samples: string
}

interface HealOptions extends Chosen {
  readonly mapping?: string
}

function chosen(command: Command): Command {
  return command
    .option('--cause <id...>', 'only these causes, as shown')
    .option('--from <time>', 'quarantined at this time or later, UTC')
    .option('--to <time>', 'quarantined before this time')
}

function healing(command: Command): Command {
  return chosen(command).option(
    '--mapping <file|json>',
    'where values come from: a JSON file, or the JSON itself',
  )
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
  { limit, samples, ...rest }: ShowOptions,
): Promise<void> {
  const query = new URLSearchParams({ limit, samples })
  if (rest.cause !== undefined) query.set('cause', rest.cause.join(','))
  if (rest.from !== undefined) query.set('from', rest.from)
  if (rest.to !== undefined) query.set('to', rest.to)
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
  options: HealOptions,
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

async function replay(
  call: CliCall,
  name: string,
  { wait, ...options }: HealOptions & { readonly wait: boolean },
): Promise<void> {
  const { client, world, isJson } = call
  const path = `/v1/quarantine/${encodeURIComponent(name)}/replay`
  const { job } = await client.post(path, { json: requestOf(options) }, replaySchema)
  if (!wait) {
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

function requestOf({ cause, from, to, mapping }: HealOptions): Record<string, unknown> {
  return {
    ...(cause === undefined ? {} : { causes: cause }),
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
