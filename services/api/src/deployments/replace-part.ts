// Replaces the rows of a data source for which a condition is true by those of a file for which it is, and what materializations made
// of them, partition by partition. Partitions that are not touched are linked into the new tables as they are: also those of views whose
// source rows are long gone. Everything happens in tables beside the live ones, under the turn.
import {
  createTable,
  databaseName,
  effectiveEngine,
  feedersOf,
  isMergeTree,
  qualified,
  tableName,
  type DeployedDataSource,
  type DeploymentMap,
} from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'

import { compileView } from './compiled-views.ts'
import type { DeployContext } from './deploy-context.ts'
import { bringPartitions, fill, partitionsOf, partitionsWhere, type TableOf } from './partitions.ts'

/** What is replaced by what. */
export interface PartWork {
  readonly workspaceId: string
  readonly live: DeploymentMap
  readonly next: DeploymentMap
  readonly name: string
  /** Sources before what they feed; the data source itself first. */
  readonly replaced: readonly string[]
  /** As rowCondition gives it. */
  readonly condition: string
  /** The data source in the generation that holds the rows of the file. */
  readonly staging: DeployedDataSource
  /** Generations for the parts that are looked at, by name of the data source; dropped afterwards. */
  readonly scratch: ScratchGenerations
  /** Columns that each materialized pipe gives. */
  readonly viewColumns: (pipe: string) => readonly string[]
  readonly skipIncompatible: boolean
}

/** Generations of one data source beside those of the maps. */
export type ScratchGenerations = (name: string) => {
  readonly oldPart: number
  readonly newPart: number
  readonly oldViews: number
  readonly newViews: number
}

interface Changed {
  readonly partitions: ReadonlySet<string>
  readonly oldPart: DeployedDataSource
  readonly newPart: DeployedDataSource
}

/** Why the engine of a data source cannot have some of its rows replaced; null when it can. */
export function partObstacle({ file }: DeployedDataSource): string | null {
  const engine = effectiveEngine(file)
  return isMergeTree(engine) ? null : `${file.name} has engine ${engine.type}, which keeps no parts`
}

/** Fills the new tables. @returns targets that were left as they are. @throws fault `request.invalid` for a target that cannot follow. */
export async function replacePart(ctx: DeployContext, work: PartWork): Promise<string[]> {
  const changed = new Map<string, Changed>()
  const skipped: string[] = []
  changed.set(work.name, await replaceSource(ctx, work))
  for (const target of work.replaced.slice(1)) {
    const change = await replaceTarget(ctx, work, target, changed)
    if (typeof change !== 'string') {
      changed.set(target, change)
      continue
    }
    if (!work.skipIncompatible) throw incompatible(target, change)
    await linkAll(ctx, work, target)
    skipped.push(target)
  }
  return skipped
}

async function replaceSource(ctx: DeployContext, work: PartWork): Promise<Changed> {
  const { clickhouse } = ctx
  const { condition, name } = work
  const live = tableOf(work, required(work.live, name))
  const next = tableOf(work, required(work.next, name))
  const staging = tableOf(work, work.staging)
  const touched = new Set([
    ...(await partitionsWhere(clickhouse, live, condition)),
    ...(await partitionsWhere(clickhouse, staging, condition)),
  ])
  const untouched = [...(await partitionsOf(clickhouse, live))].filter((id) => !touched.has(id))
  await bringPartitions(clickhouse, live, next, untouched)
  const columns = next.source.file.columns.map((each) => each.name)
  const list = columns.map((each) => `\`${each.replaceAll('`', '\\`')}\``).join(', ')
  const isTouched = `has([${[...touched].map(literal).join(', ')}]::Array(String), _partition_id)`
  const from = (table: TableOf): string => `FROM ${qualified(table.database, table.table)}`
  await fill(
    clickhouse,
    next,
    columns,
    `SELECT ${list} ${from(live)} WHERE ${isTouched} AND NOT ${condition}`,
  )
  await fill(clickhouse, next, columns, `SELECT ${list} ${from(staging)} WHERE ${condition}`)
  return partsOf(ctx, work, name, touched)
}

/** Makes the touched partitions of a changed data source tables of their own: as they were, and as they are now. */
async function partsOf(
  ctx: DeployContext,
  work: PartWork,
  name: string,
  partitions: ReadonlySet<string>,
): Promise<Changed> {
  const { oldPart, newPart } = work.scratch(name)
  const live = required(work.live, name)
  const next = required(work.next, name)
  const before = await scratchTable(ctx, work, { ...live, generation: oldPart })
  const after = await scratchTable(ctx, work, { ...next, generation: newPart })
  const has = async (table: TableOf): Promise<string[]> =>
    [...(await partitionsOf(ctx.clickhouse, table))].filter((id) => partitions.has(id))
  const liveTable = tableOf(work, live)
  const nextTable = tableOf(work, next)
  await bringPartitions(ctx.clickhouse, liveTable, before, await has(liveTable))
  await bringPartitions(ctx.clickhouse, nextTable, after, await has(nextTable))
  return { partitions, oldPart: before.source, newPart: after.source }
}

/** Gives why a target cannot follow, or what of it changed. */
async function replaceTarget(
  ctx: DeployContext,
  work: PartWork,
  target: string,
  changed: ReadonlyMap<string, Changed>,
): Promise<Changed | string> {
  const { clickhouse } = ctx
  const feeders = feedersOf(work.live, target)
  const live = required(work.live, target)
  const obstacle = partObstacle(live)
  if (obstacle !== null) return obstacle
  const { oldViews, newViews } = work.scratch(target)
  const before = await scratchTable(ctx, work, { ...live, generation: oldViews })
  const after = await scratchTable(ctx, work, { ...live, generation: newViews })
  for (const { pipe, source } of feeders) {
    const change = changed.get(source)
    if (change === undefined) continue
    const keys = incompatibleKeys(required(work.live, source), live)
    if (keys !== null) return keys
    await runView(ctx, work, pipe, source, change.oldPart, before)
    await runView(ctx, work, pipe, source, change.newPart, after)
  }
  const mine = new Set([
    ...(await partitionsOf(clickhouse, before)),
    ...(await partitionsOf(clickhouse, after)),
  ])
  const beyond = [...mine].find((id) => !isReached(id, feeders, changed))
  if (beyond !== undefined) return `its rows of partition ${beyond} come from other partitions`
  // What the others that feed it give belongs to the same partitions.
  for (const { pipe, source } of feeders)
    if (!changed.has(source))
      await runView(ctx, work, pipe, source, required(work.next, source), after)
  const next = tableOf(work, required(work.next, target))
  const liveTable = tableOf(work, live)
  const kept = [...(await partitionsOf(clickhouse, liveTable))].filter((id) => !mine.has(id))
  await bringPartitions(clickhouse, liveTable, next, kept)
  const computed = [...(await partitionsOf(clickhouse, after))].filter((id) => mine.has(id))
  await bringPartitions(clickhouse, after, next, computed)
  return partsOf(ctx, work, target, mine)
}

function isReached(
  id: string,
  feeders: readonly { readonly source: string }[],
  changed: ReadonlyMap<string, Changed>,
): boolean {
  return feeders.some(({ source }) => changed.get(source)?.partitions.has(id) === true)
}

/** Runs the query of a materialization over one table in place of its source. */
async function runView(
  ctx: DeployContext,
  work: PartWork,
  pipe: string,
  name: string,
  source: DeployedDataSource,
  into: TableOf,
): Promise<void> {
  const map = { ...work.next, dataSources: { ...work.next.dataSources, [name]: source } }
  const { select, columns } = compileView(work.workspaceId, map, pipe, work.viewColumns(pipe))
  await fill(ctx.clickhouse, into, columns, select)
}

async function linkAll(ctx: DeployContext, work: PartWork, name: string): Promise<void> {
  const live = tableOf(work, required(work.live, name))
  const next = tableOf(work, required(work.next, name))
  await bringPartitions(ctx.clickhouse, live, next, await partitionsOf(ctx.clickhouse, live))
}

async function scratchTable(
  ctx: DeployContext,
  work: PartWork,
  source: DeployedDataSource,
): Promise<TableOf> {
  const made = tableOf(work, source)
  await ctx.clickhouse.command({ sql: createTable(made.database, made.table, source.file) })
  return made
}

function tableOf({ workspaceId }: PartWork, source: DeployedDataSource): TableOf {
  return {
    database: databaseName(workspaceId),
    table: tableName(source.id, source.generation),
    source,
  }
}

/**
 * Why rows of one partition of the source may be in several of the target; null when both are partitioned by the same expression, names of
 * columns aside (`toYYYYMM(at)` and `toYYYYMM(day)`), or not at all. Whether the values agree too is seen from the rows.
 */
export function incompatibleKeys(
  source: DeployedDataSource,
  target: DeployedDataSource,
): string | null {
  const [one, other] = [source, target].map(({ file }) => effectiveEngine(file).partitionKey ?? '')
  if (shapeOf(one ?? '') === shapeOf(other ?? '')) return null
  const said = (key: string | undefined): string => (key === '' ? 'no partition key' : String(key))
  return `${source.file.name} has ${said(one)} and ${target.file.name} ${said(other)}`
}

function shapeOf(key: string): string {
  return key
    .replaceAll(/[\s`"]+/g, '')
    .replaceAll(/[A-Za-z_]\w*(?![\w(])/g, '_')
    .replace(/^\((.*)\)$/, '$1')
    .replace(/^tuple\(\)$/, '')
}

function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function required(map: DeploymentMap, name: string): DeployedDataSource {
  const found = Object.hasOwn(map.dataSources, name) ? map.dataSources[name] : undefined
  if (found === undefined)
    throw fault('resource.missing', { public: `Data Source '${name}' is gone.` })
  return found
}

/** The refusal of a view that cannot follow. */
export function incompatible(target: string, why: string): Error {
  return fault('request.invalid', {
    public: `Nothing was replaced: ${target} is made from these rows and cannot follow by partitions: ${why}. skip_incompatible_partition_key=true leaves it as it is.`,
  })
}
