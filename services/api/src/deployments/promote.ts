// From staged to live: views move to the new tables and the catalog's map is swapped, all in one turn.
import type { Deployment, MapOfDeployment } from '@sandpiper/catalog'
import { deploymentSteps, type DeploymentPlan, type Step } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'

import { describeViews } from './compiled-views.ts'
import { datafileTokens, takenTokenNames } from './datafile-tokens.ts'
import type { DeployContext } from './deploy-context.ts'
import { noteChanges } from './note-changes.ts'
import { runSteps, StepError, undoSteps } from './run-steps.ts'
import { withTurn } from './with-turn.ts'

/**
 * Promotes a staged deployment. @param prepare done first, under the same turn. @param failed its status when it fails: it stays staged by
 * default. @throws faults of engine, log and catalog.
 */
export async function promote(
  ctx: DeployContext,
  deployment: Deployment,
  live: MapOfDeployment,
  prepare: (signal: AbortSignal) => Promise<void> = () => Promise.resolve(),
  failed: Deployment['status'] = 'data_ready',
): Promise<void> {
  const { workspaceId, number, map } = deployment
  const kept = deployment.plan as Pick<DeploymentPlan, 'tables' | 'views'>
  const before = await describeViews(ctx.clickhouse, workspaceId, live.map)
  const after = await describeViews(ctx.clickhouse, workspaceId, map)
  const nothing = { select: '', columns: [] }
  const steps = deploymentSteps({
    ...{ workspaceId, live: live.map, plan: { next: map, tables: kept.tables, views: kept.views } },
    viewOf: (pipe) => after.get(pipe) ?? nothing,
    liveViewOf: (pipe) => before.get(pipe) ?? nothing,
    forwardColumns: () => [],
  })
  const done: Step[] = []
  // Tells a start after a crash that views may be missing.
  await ctx.catalog.updateDeployment(workspaceId, number, { status: 'schema_ready' })
  try {
    await withTurn(ctx, workspaceId, async (signal) => {
      try {
        await prepare(signal)
        signal.throwIfAborted()
        await runSteps(ctx, steps.promote, done, signal)
        signal.throwIfAborted()
        await finishPromotion(ctx, deployment)
      } catch (err) {
        const isLive = (await ctx.catalog.findDeployment(workspaceId, number))?.live === true
        if (!isLive) await undoSteps(ctx, done)
        throw err
      }
    })
  } catch (err) {
    const isLive = (await ctx.catalog.findDeployment(workspaceId, number))?.live === true
    if (!isLive) await ctx.catalog.updateDeployment(workspaceId, number, { status: failed })
    throw err instanceof StepError ? err.cause : err
  }
}

/** Swaps the map, brings the tokens up to date and sees to it that the old tables go. Under the turn. */
export async function finishPromotion(
  ctx: DeployContext,
  { workspaceId, number, map, createdAt }: Deployment,
): Promise<void> {
  // Such a token may have been made since the deployment was checked.
  const [taken] = await takenTokenNames(ctx.catalog, workspaceId, map)
  if (taken !== undefined)
    throw fault('request.conflict', { public: `${taken.resource}: ${taken.message}` })
  const { number: before, map: replaced } = await ctx.catalog.liveMap(workspaceId)
  // First, so that a crash right after the swap still finds what has to be cleaned up.
  if (before > 0) await ctx.catalog.updateDeployment(workspaceId, before, { status: 'deleting' })
  await ctx.catalog.promote(workspaceId, number)
  const elapsedSeconds = Math.max(0, ctx.now() - Date.parse(createdAt)) / 1000
  noteChanges(ctx.ops, { workspaceId, number, before: replaced, after: map, elapsedSeconds })
  await ctx.catalog.replaceDatafileTokens(workspaceId, datafileTokens(map))
  if (before > 0) ctx.cleaner.schedule(workspaceId, before)
  ctx.promoted(workspaceId)
}
