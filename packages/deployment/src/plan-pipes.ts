// What happens to each pipe, and when each materialized view is made and filled.
import { printDatafile, type PipeFile } from '@sandpiper/datafile'

import type { DeployedPipe } from './deployment-map.ts'
import { effectiveEngine } from './effective-engine.ts'
import { isForwarded, resourceLabel, type PlanFeedback, type ViewChange } from './plan.ts'
import type { PlanContext } from './plan-context.ts'
import { sourceHasRows, wasFeeder, type TablePlan } from './plan-tables.ts'
import { targetName } from './project-files.ts'

export interface PipePlan {
  readonly pipes: Readonly<Record<string, DeployedPipe>>
  readonly views: readonly ViewChange[]
  readonly feedback: readonly PlanFeedback[]
}

/** Plans all pipes, knowing what happens to the tables. */
export function planPipes(ctx: PlanContext, tables: TablePlan): PipePlan {
  const pipes = new Map<string, DeployedPipe>()
  const views: ViewChange[] = []
  const feedback: PlanFeedback[] = []
  for (const file of ctx.after.pipes.values()) {
    const live = Object.hasOwn(ctx.live.pipes, file.name) ? ctx.live.pipes[file.name] : undefined
    const view = viewOf(ctx, tables, file, live)
    if (view.change !== null) {
      views.push(view.change)
      feedback.push(...swapFeedback(ctx, file, view.change))
    }
    pipes.set(file.name, entryOf(ctx, file, live, view.view))
  }
  return { pipes: Object.fromEntries(pipes), views, feedback }
}

function viewOf(
  ctx: PlanContext,
  tables: TablePlan,
  file: PipeFile,
  live: DeployedPipe | undefined,
): { view: DeployedPipe['view']; change: ViewChange | null } {
  const target = targetName(file)
  if (target === null) return { view: null, change: null }
  const view = live?.view ?? null
  if (view !== null && isSameView(ctx, tables, file, target)) return { view, change: null }
  return {
    view: { generation: (view?.generation ?? 0) + 1 },
    change: viewChange(ctx, tables, file, target),
  }
}

/** A view is kept while its query, its target's table and every table it reads are the same. */
function isSameView(ctx: PlanContext, tables: TablePlan, file: PipeFile, target: string): boolean {
  if (!wasFeeder(ctx, target, file)) return false
  const before = ctx.readsBefore.get(file.name)
  const after = ctx.readsAfter.get(file.name)
  if (before?.fingerprint !== after?.fingerprint) return false
  return [target, ...(before?.dataSources ?? []), ...(after?.dataSources ?? [])].every((name) => {
    const was = Object.hasOwn(ctx.live.dataSources, name) ? ctx.live.dataSources[name] : undefined
    const is = Object.hasOwn(tables.dataSources, name) ? tables.dataSources[name] : undefined
    return was !== undefined && was.id === is?.id && was.generation === is.generation
  })
}

function viewChange(
  ctx: PlanContext,
  tables: TablePlan,
  file: PipeFile,
  target: string,
): ViewChange {
  const pipe = file.name
  const table = tables.byName.get(target)
  const isNewTable = table !== undefined && table.kind !== 'alter'
  const isFed =
    isNewTable &&
    (table.fill === 'recompute' || (isForwarded(table) && !wasFeeder(ctx, target, file)))
  if (!isFed) return { pipe, at: 'promote', fill: false }
  const skip = ctx.after.dataSources.get(target)?.backfill === 'skip'
  return { pipe, at: 'stage', fill: !skip && sourceHasRows(ctx, file) }
}

/** A target that keeps its rows while the query changes holds rows of both queries: that is said. */
function swapFeedback(ctx: PlanContext, file: PipeFile, change: ViewChange): PlanFeedback[] {
  if (change.at === 'stage' || !ctx.readsBefore.has(file.name)) return []
  const before = ctx.readsBefore.get(file.name)
  const after = ctx.readsAfter.get(file.name)
  if (before?.fingerprint === after?.fingerprint) return []
  const source = ctx.after.dataSources.get(after?.dataSources[0] ?? '')
  const isNull = source !== undefined && effectiveEngine(source).type === 'Null'
  const why = isNull ? ` ${source.name} keeps no rows to compute them from.` : ''
  const message = `${targetName(file) ?? ''} keeps its rows as they are; only new rows come from the changed query.${why}`
  return [{ resource: resourceLabel(file), level: isNull ? 'WARNING' : 'INFO', message }]
}

function entryOf(
  ctx: PlanContext,
  file: PipeFile,
  live: DeployedPipe | undefined,
  view: DeployedPipe['view'],
): DeployedPipe {
  const isSame = live !== undefined && printDatafile(live.file) === printDatafile(file)
  if (isSame && live.view?.generation === view?.generation) return live
  const known = new Map(
    (live?.file.nodes ?? []).map((node, index) => [node.name, live?.nodeIds[index]]),
  )
  return {
    id: live?.id ?? ctx.newId(),
    nodeIds: file.nodes.map((node) => known.get(node.name) ?? ctx.newId()),
    view,
    file,
    createdAt: live?.createdAt ?? ctx.now,
    updatedAt: isSame ? live.updatedAt : ctx.now,
  }
}
