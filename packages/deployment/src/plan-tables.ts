// What happens to each table: kept, altered in place, or built anew beside the old one and filled before anyone reads it.
import { printDatafile, type DataSourceFile, type PipeFile } from '@sandpiper/datafile'

import { compareDataSources, type DataSourceDifference } from './compare-data-source.ts'
import type { DeployedDataSource } from './deployment-map.ts'
import { effectiveEngine } from './effective-engine.ts'
import { resourceLabel, type PlanFeedback, type TableChange } from './plan.ts'
import type { PlanContext } from './plan-context.ts'
import { feedersByTarget, materializedNode } from './project-files.ts'

export interface TablePlan {
  readonly dataSources: Readonly<Record<string, DeployedDataSource>>
  /** In fill order. */
  readonly changes: readonly TableChange[]
  readonly byName: ReadonlyMap<string, TableChange>
  readonly feedback: readonly PlanFeedback[]
}

/** Plans all tables, sources before what they feed. */
export function planTables(ctx: PlanContext): TablePlan {
  const byName = new Map<string, TableChange>()
  const entries = new Map<string, DeployedDataSource>()
  const feedback: PlanFeedback[] = []
  const feeders = feedersByTarget(ctx.after)
  for (const name of ctx.order) {
    const file = ctx.after.dataSources.get(name)
    if (file === undefined) continue
    const live = Object.hasOwn(ctx.live.dataSources, name) ? ctx.live.dataSources[name] : undefined
    const decision: Decision =
      live === undefined
        ? { change: { dataSource: name, kind: 'create', fill: 'recompute' }, feedback: [] }
        : decide(ctx, { file, live, feeders: feeders.get(name) ?? [], byName })
    if (decision.change !== null) byName.set(name, decision.change)
    feedback.push(...decision.feedback)
    entries.set(name, entryOf(ctx, file, live, decision.change))
  }
  const changes = ctx.order.flatMap((name) => byName.get(name) ?? [])
  return { dataSources: Object.fromEntries(entries), changes, byName, feedback }
}

interface Decision {
  readonly change: TableChange | null
  readonly feedback: readonly PlanFeedback[]
}

interface Subject {
  readonly file: DataSourceFile
  readonly live: DeployedDataSource
  readonly feeders: readonly PipeFile[]
  readonly byName: ReadonlyMap<string, TableChange>
}

function decide(ctx: PlanContext, subject: Subject): Decision {
  const { file, live } = subject
  const difference = compareDataSources(live.file, file)
  const reason = recomputeReason(ctx, subject)
  if (reason !== null) return recompute(ctx, subject, reason)
  if (difference.obstacles.length > 0) return rebuild(ctx, subject, difference)
  if (subject.feeders.some((pipe) => bringsRows(ctx, file, pipe))) {
    const message =
      'Its rows are copied to a new table, which the new materialization is added to before it goes live.'
    return {
      change: { dataSource: file.name, kind: 'rebuild', fill: 'copy' },
      feedback: [{ resource: resourceLabel(file), level: 'INFO', message }],
    }
  }
  const isSame = printDatafile(live.file) === printDatafile(file)
  return {
    change: isSame ? null : { dataSource: file.name, kind: 'alter', fill: 'empty' },
    feedback: [],
  }
}

/** Why the rows of a target must be computed anew: a query that feeds it, or the content of what that query reads, changed. */
function recomputeReason(ctx: PlanContext, { file, feeders, byName }: Subject): string | null {
  for (const pipe of feeders) {
    if (!wasFeeder(ctx, file.name, pipe) || keepsRows(ctx, file, pipe)) continue
    const now = ctx.readsAfter.get(pipe.name)
    if (ctx.readsBefore.get(pipe.name)?.fingerprint !== now?.fingerprint)
      return `the query of ${pipe.name} changes`
    const source = now?.dataSources[0] ?? ''
    const change = byName.get(source)
    if (change?.kind === 'rebuild' && change.fill === 'recompute')
      return `${source}, which ${pipe.name} reads, is computed anew`
  }
  return null
}

function recompute(ctx: PlanContext, { file, live, feeders }: Subject, reason: string): Decision {
  const resource = resourceLabel(file)
  const feedback: PlanFeedback[] = [
    {
      resource,
      level: 'INFO',
      message: `Its rows are computed anew from the sources, because ${reason}.`,
    },
  ]
  const lost = feeders.flatMap((pipe) => lossOf(ctx, pipe))
  for (const message of lost) feedback.push({ resource, level: 'WARNING', message })
  if (ctx.receivesRows?.(live.id) === true) {
    const message = `Rows appended to ${file.name} directly are not in its sources and are dropped when it is computed anew.`
    const refused = ctx.mode === 'deploy' && !ctx.allowDestructive
    const advice =
      ' To do so: sandpiper deploy --allow-destructive-operations, or allow_destructive_operations=true of /v1/deploy; or DEPLOYMENT_METHOD alter in the pipe to keep all rows.'
    feedback.push({
      resource,
      level: refused ? 'ERROR' : 'WARNING',
      message: refused ? message + advice : message,
    })
  }
  return { change: { dataSource: file.name, kind: 'rebuild', fill: 'recompute' }, feedback }
}

function lossOf(ctx: PlanContext, pipe: PipeFile): string[] {
  const source = ctx.after.dataSources.get(ctx.readsAfter.get(pipe.name)?.dataSources[0] ?? '')
  if (source === undefined || effectiveEngine(source).ttl === null) return []
  return [
    `${source.name} has a TTL: rows computed from what it no longer holds are dropped. DEPLOYMENT_METHOD alter in ${pipe.name} keeps them.`,
  ]
}

function rebuild(
  ctx: PlanContext,
  { file, live }: Subject,
  difference: DataSourceDifference,
): Decision {
  const resource = resourceLabel(file)
  const why = difference.obstacles.join('; ')
  if (effectiveEngine(live.file).type === 'Null') {
    return { change: { dataSource: file.name, kind: 'rebuild', fill: 'empty' }, feedback: [] }
  }
  if (file.forwardQuery !== null) {
    const message = `Its rows are carried over to a new table by the FORWARD_QUERY: ${why}.`
    return {
      change: { dataSource: file.name, kind: 'rebuild', fill: 'forward' },
      feedback: [{ resource, level: 'INFO', message }],
    }
  }
  if (ctx.mode === 'build') {
    const message = `The rows of ${file.name} are dropped: ${why}. A FORWARD_QUERY would keep them.`
    return {
      change: { dataSource: file.name, kind: 'rebuild', fill: 'empty' },
      feedback: [{ resource, level: 'WARNING', message }],
    }
  }
  const message = `Incompatible change: ${why}. Add a FORWARD_QUERY that computes the new columns from the live ones.`
  return { change: null, feedback: [{ resource, level: 'ERROR', message }] }
}

/** Whether a pipe fed this target already. */
export function wasFeeder(ctx: PlanContext, target: string, pipe: PipeFile): boolean {
  const before = ctx.before.pipes.get(pipe.name)
  return before !== undefined && materializedNode(before)?.settings['DATASOURCE'] === target
}

/** Whether the target keeps its rows when this pipe's query changes: asked for, or nothing is there to compute them from. */
function keepsRows(ctx: PlanContext, target: DataSourceFile, pipe: PipeFile): boolean {
  return (
    target.backfill === 'skip' ||
    materializedNode(pipe)?.settings['DEPLOYMENT_METHOD']?.toLowerCase() === 'alter' ||
    !sourceHasRows(ctx, pipe)
  )
}

/** Whether the data source a pipe is triggered by is live and keeps rows. */
export function sourceHasRows(ctx: PlanContext, pipe: PipeFile): boolean {
  const name = ctx.readsAfter.get(pipe.name)?.dataSources[0] ?? ''
  const live = ctx.before.dataSources.get(name)
  return live !== undefined && effectiveEngine(live).type !== 'Null'
}

/** A materialization that is new to this target and has rows to bring. */
function bringsRows(ctx: PlanContext, target: DataSourceFile, pipe: PipeFile): boolean {
  return (
    !wasFeeder(ctx, target.name, pipe) && target.backfill !== 'skip' && sourceHasRows(ctx, pipe)
  )
}

function entryOf(
  ctx: PlanContext,
  file: DataSourceFile,
  live: DeployedDataSource | undefined,
  change: TableChange | null,
): DeployedDataSource {
  if (live === undefined) {
    return {
      id: ctx.newId(),
      generation: 1,
      schemaVersion: 1,
      file,
      createdAt: ctx.now,
      updatedAt: ctx.now,
    }
  }
  if (change === null) return live
  const isRebuilt = change.kind === 'rebuild'
  const isNewSchema = isRebuilt || compareDataSources(live.file, file).columns
  const latest = Math.max(live.schemaVersion, ctx.latestVersions?.get(live.id) ?? 0)
  const latestGeneration = Math.max(live.generation, ctx.latestGenerations?.get(live.id) ?? 0)
  return {
    ...live,
    generation: isRebuilt ? latestGeneration + 1 : live.generation,
    schemaVersion: isNewSchema ? latest + 1 : live.schemaVersion,
    file,
    updatedAt: ctx.now,
  }
}
