import { resolve } from 'node:path'
import type { CliCall } from '../cli-call.ts'
import { CliError, usageError } from '../cli-error.ts'
import { pairs, type CommandSpec, type Options } from '../command-spec.ts'
import { originOf, type Client } from '../client.ts'
import { liveDatafiles } from '../live-datafiles.ts'
import {
  compareCopied,
  compareRebuilt,
  countPartitions,
  type Comparison,
} from '../migrate/compare-counts.ts'
import { copyRows, type Ends } from '../migrate/copy-rows.ts'
import { planMigration, type MigrationPlan } from '../migrate/migration-plan.ts'
import { openMigrationState, type MigrationState } from '../migrate/migration-state.ts'
import { deployTo, pauseCopies } from '../migrate/prepare-target.ts'
import { slicesFor, type CopySubject } from '../migrate/source-sql.ts'
import { json, table } from '../print.ts'
import { textIn } from '../show.ts'

export const migrate: CommandSpec = {
  usage: 'migrate',
  about:
    'copy a workspace from another server: datafiles, then rows; goes on where it was stopped. Dashboards of the console go by pull and deploy',
  options: [
    ['--from <url>', 'the server to copy from; --token is its token [SANDPIPER_FROM_TOKEN]'],
    ['--to <url>', 'the server to copy to; default: --host'],
    ['--to-token <token>', 'its token; default: SANDPIPER_TOKEN, or that of the login'],
    ['--state <folder>', 'how far it is, and rows on their way', 'sandpiper-migration'],
    ['--datasource <name...>', 'only the rows of these'],
    ['--where <name=sql...>', 'of a data source only rows for which this holds'],
    ['--slice-rows <n>', 'rows asked for at once', '100000'],
    ['--no-deploy', 'the datafiles are there already'],
    ['--dry-run', 'only say what would be copied'],
  ],
  examples: [
    'migrate --from https://api.tinybird.co --token $TB_TOKEN --dry-run',
    'migrate --from https://api.tinybird.co --token $TB_TOKEN',
    `migrate --from https://api.tinybird.co --token $TB_TOKEN --where "events=at < '2026-11-21 10:00:00'"`,
  ],
  async run(call, _args, options) {
    const ends = endsOf(call, options)
    const workspaces = await workspacesOf(ends)
    const files = await liveDatafiles(ends.source)
    const plan = planMigration(files, options.list('datasource'))
    const subjects = subjectsOf(plan, options)
    if (options.isOn('dry-run')) {
      await showPlan(call, ends, plan, subjects)
      return
    }
    const folder = resolve(options.text('state') ?? '')
    const state = openMigrationState(folder, workspaces, call.world.now)
    call.world.err(state.isResumed ? `Going on from ${folder}.\n` : `State is kept in ${folder}.\n`)
    if (!options.isOff('deploy')) await deployTo(call, ends.target, files)
    const running = await pauseCopies(ends.target, plan.scheduled)
    if (running.length > 0)
      throw new CliError(
        `the copy pipes ${running.join(', ')} could not be paused: they would double rows.`,
      )
    const sliceRows = options.count('slice-rows', 1)
    for (const subject of subjects) await copySubject(ends, state, subject, sliceRows)
    await report(call, ends, { plan, subjects, state })
  },
}

function endsOf(call: CliCall, options: Options): Ends {
  const { world, givenToken } = call
  const from = options.text('from')
  if (from === undefined) throw usageError('say where from: --from <url>.')
  const fromToken = givenToken ?? world.config.fromToken
  const source = call.connect({ url: from, ...(fromToken === null ? {} : { token: fromToken }) })
  // The token of the line is that of the source: it must not go to the target.
  const to = originOf(options.text('to') ?? call.client.origin)
  const toToken = options.text('to-token') ?? world.config.token ?? world.credentials.tokenFor(to)
  const target = call.connectWith({ url: to, token: toToken })
  return { source, target, world }
}

async function workspacesOf({ source, target }: Ends) {
  const [from, to] = await Promise.all([idOf(source), idOf(target)])
  if (from === to) throw usageError('the two are the same workspace: there is nothing to copy.')
  return { from: source.origin, fromWorkspace: from, toWorkspace: to }
}

async function idOf(client: Client): Promise<string> {
  return textIn(await client.call('GET', '/v1/workspace'), 'id')
}

function subjectsOf({ copied }: MigrationPlan, options: Options): CopySubject[] {
  const wheres = pairs('where', options.list('where'))
  const unknown = Object.keys(wheres).find((name) => !copied.some((each) => each.name === name))
  if (unknown !== undefined) throw usageError(`--where ${unknown}=...: its rows are not copied.`)
  return copied.map((file) => ({ file, where: wheres[file.name] ?? null }))
}

async function copySubject(
  ends: Ends,
  state: MigrationState,
  subject: CopySubject,
  sliceRows: number,
): Promise<void> {
  const { file, where } = subject
  const { sources } = state.migration
  let source = sources[file.name]
  if (source === undefined) {
    await refuseDoubling(ends, subject)
    const counted = await countPartitions(ends.source, subject)
    const partitions = [...counted].map(([partition, rows]) => ({
      ...{ partition, rows, slices: slicesFor(file, rows, sliceRows) },
      ...{ slicesDone: 0, quarantined: 0 },
    }))
    source = sources[file.name] = { where, partitions }
    state.save()
  }
  if (source.where !== where)
    throw usageError(
      `the migration began with --where ${file.name}=${source.where ?? '(none)'}: go on with the same, or begin anew with another --state.`,
    )
  await copyRows(ends, state, subject, source)
}

/** Rows that are there before anything was sent came another way: by events to both, or by a migration whose state is lost. */
async function refuseDoubling({ target }: Ends, subject: CopySubject): Promise<void> {
  const { name } = subject.file
  const there = [...(await countPartitions(target, subject)).values()]
  const rows = there.reduce((sum, each) => sum + each, 0)
  if (rows > 0)
    throw new CliError(
      `${name} has ${rows} such rows at the target already: they would be doubled. Say which rows are missing there (--where "${name}=..."), or empty it: sandpiper datasource truncate ${name}.`,
    )
}

async function showPlan(
  { world, isJson }: CliCall,
  ends: Ends,
  { rebuilt, left, scheduled }: MigrationPlan,
  subjects: readonly CopySubject[],
): Promise<void> {
  const copied = []
  for (const subject of subjects) {
    const counted = await countPartitions(ends.source, subject)
    const rows = [...counted.values()].reduce((sum, each) => sum + each, 0)
    copied.push({ datasource: subject.file.name, partitions: counted.size, rows })
  }
  const body = { copied, rebuilt: rebuilt.map(({ name }) => name), left, paused: scheduled }
  if (isJson) {
    world.out(json(body))
    return
  }
  const lines = [
    ...copied.map((each) => [
      each.datasource,
      'copied',
      each.rows,
      `${each.partitions} partitions`,
    ]),
    ...body.rebuilt.map((name) => [name, 'rebuilt', null, 'by its views, from the copied rows']),
    ...left.map(({ name, why }) => [name, 'left out', null, why]),
    ...scheduled.map((name) => [name, 'paused', null, 'a copy pipe: resume it when you switch']),
  ]
  world.out(table(['NAME', 'WHAT', 'ROWS', 'HOW'], lines))
}

async function report(
  { world, isJson }: CliCall,
  ends: Ends,
  {
    plan,
    subjects,
    state,
  }: { plan: MigrationPlan; subjects: readonly CopySubject[]; state: MigrationState },
): Promise<void> {
  const compared: Comparison[] = []
  for (const subject of subjects) compared.push(...(await compareCopied(ends, subject)))
  for (const file of plan.rebuilt) compared.push(await compareRebuilt(ends, file))
  const rows = compared.map((each) => ({
    ...each,
    quarantined: quarantinedIn(state, each),
    state: each.source === each.target ? 'equal' : 'differs',
  }))
  if (isJson) world.out(json({ compared: rows, left: plan.left, paused: plan.scheduled }))
  else {
    const headings = ['DATA SOURCE', 'PARTITION', 'COUNTED', 'SOURCE', 'TARGET', 'QUARANTINED', '']
    const lines = rows.map((each) => [
      ...[each.datasource, each.partition || '-', each.what, each.source, each.target],
      ...[each.quarantined, each.state],
    ])
    world.out(table(headings, lines))
    for (const { name, why } of plan.left) world.out(`${name} was left out: ${why}.\n`)
    for (const name of plan.scheduled)
      world.out(`${name} is paused: sandpiper copy resume ${name}, when you switch.\n`)
  }
  const differing = rows.filter((each) => each.state === 'differs').length
  if (differing > 0)
    throw new CliError(
      `${differing} counts differ. Rows that came to the source meanwhile, rows in quarantine (sandpiper quarantine ls) and rows that a TTL removed are not copied.`,
    )
}

function quarantinedIn(
  { migration }: MigrationState,
  { datasource, partition, what }: Comparison,
): number | null {
  if (what === 'keys') return null
  const partitions = migration.sources[datasource]?.partitions ?? []
  return partitions.find((each) => each.partition === partition)?.quarantined ?? 0
}
