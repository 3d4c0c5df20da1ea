import { openAsBlob } from 'node:fs'
import type { Command } from 'commander'
import type { CliCall, CommandGroup } from '../cli-call.ts'
import { usageError } from '../cli-error.ts'
import type { PostBody } from '../client.ts'
import { followJob } from '../follow-job.ts'
import { json, table } from '../print.ts'

/** `sandpiper datasource ls|append|replace|truncate|delete|analyze`. */
export const addDataSourceCommands: CommandGroup = (program, call) => {
  const group = program.command('datasource').description('data sources and their rows')
  group
    .command('ls')
    .description('data sources, with their rows')
    .action(async (_: unknown, command: Command) => list(call(command)))
  for (const mode of ['append', 'replace'] as const) {
    group
      .command(`${mode} <data-source> <file|url>`)
      .description(
        mode === 'append' ? 'add the rows of a file' : 'put the rows of a file in place of others',
      )
      .option('--format <format>', 'csv, ndjson or parquet; default: by the name of the file')
      .option('--replace-condition <sql>', 'with replace: only rows for which this holds')
      .action(async (name: string, from: string, options: ImportOptions, command: Command) =>
        importFile(call(command), { mode, name, from }, options),
      )
  }
  group
    .command('truncate <data-source>')
    .description('remove all rows; of <data source>_quarantine those that were refused')
    .option('--quarantine', 'the quarantined rows, too')
    .action(async (name: string, options: { quarantine?: boolean }, command: Command) => {
      const { client, world, isJson } = call(command)
      const query = options.quarantine === true ? '?quarantine=true' : ''
      const path = `/v0/datasources/${encodeURIComponent(name)}/truncate${query}`
      await client.postForText(path, { text: '' })
      world.out(isJson ? json({ datasource: name }) : `${name} is empty.\n`)
    })
  group
    .command('delete <data-source>')
    .description('remove the rows for which a condition holds')
    .requiredOption('--condition <sql>', 'such as "country = \'ES\'"')
    .option('--dry-run', 'only count them')
    .action(async (name: string, options: DeleteOptions, command: Command) =>
      deleteRows(call(command), name, options),
    )
  group
    .command('analyze <file|url>')
    .description('guess a schema from a file')
    .action(async (from: string, _: unknown, command: Command) => {
      const { client, world } = call(command)
      const { text } = await client.postForText(`/v0/analyze`, await bodyFrom(from))
      world.out(json(JSON.parse(text)))
    })
}

interface ImportOptions {
  readonly format?: string
  readonly replaceCondition?: string
}

interface DeleteOptions {
  readonly condition: string
  readonly dryRun?: boolean
}

async function list({ client, world, isJson }: CliCall): Promise<void> {
  const { datasources } = (await client.get('/v0/datasources', ANY)) as {
    datasources: {
      name: string
      statistics: { row_count: number; bytes: number }
      quarantine_rows: number
    }[]
  }
  const rows = datasources.map((each) => [
    each.name,
    each.statistics.row_count,
    each.statistics.bytes,
    each.quarantine_rows,
  ])
  world.out(
    isJson ? json({ datasources }) : table(['DATA SOURCE', 'ROWS', 'BYTES', 'QUARANTINED'], rows),
  )
}

async function importFile(
  call: CliCall,
  { mode, name, from }: { readonly mode: string; readonly name: string; readonly from: string },
  { format, replaceCondition }: ImportOptions,
): Promise<void> {
  const query = new URLSearchParams({ mode, name, format: format ?? formatOf(from) })
  if (replaceCondition !== undefined) query.set('replace_condition', replaceCondition)
  const answer = await call.client.post(
    `/v0/datasources?${query.toString()}`,
    await bodyFrom(from),
    ANY,
  )
  await printEnd(call, answer)
}

async function deleteRows(
  call: CliCall,
  name: string,
  { condition, dryRun }: DeleteOptions,
): Promise<void> {
  const form = new URLSearchParams({ delete_condition: condition })
  if (dryRun === true) form.set('dry_run', 'true')
  const path = `/v0/datasources/${encodeURIComponent(name)}/delete`
  await printEnd(call, await call.client.post(path, { form }, ANY))
}

/** The answer, or the job that it started once that has ended. */
async function printEnd(call: CliCall, answer: Record<string, unknown>): Promise<void> {
  const id = answer['job_id'] ?? answer['id']
  const isJob = typeof id === 'string' && typeof answer['job_url'] === 'string'
  const end = isJob ? await followJob(call, id) : answer
  if (call.isJson) {
    call.world.out(json(end))
    return
  }
  const shown = Object.entries(end).filter(([key]) => key.endsWith('rows') || key === 'status')
  call.world.out(table(['WHAT', 'VALUE'], shown.length > 0 ? shown : Object.entries(end)))
}

const ANY = {
  safeParse: (value: unknown) => ({
    success: true as const,
    data: value as Record<string, unknown>,
  }),
}

async function bodyFrom(from: string): Promise<PostBody> {
  if (/^https?:\/\//.test(from)) return { form: new URLSearchParams({ url: from }) }
  try {
    // Read as it is sent: a file of any size takes no memory.
    return { file: await openAsBlob(from) }
  } catch {
    throw usageError(`the file ${from} cannot be read. Give the path of a file, or a URL.`)
  }
}

function formatOf(from: string): string {
  const name = from.split('?')[0]?.replace(/\.gz$/, '') ?? ''
  if (/\.(ndjson|jsonl)$/.test(name)) return 'ndjson'
  return name.endsWith('.parquet') ? 'parquet' : 'csv'
}
