// Carries a plan out: tables, rows, views, and, when asked, the promotion under the same turn.
import type { Deployment } from '@sandpiper/catalog'
import {
  deploymentSteps,
  type DeploymentMap,
  type DeploymentPlan,
  type PlanFeedback,
  type Step,
  type StepInput,
} from '@sandpiper/deployment'

import { compileView, describeViews } from './compiled-views.ts'
import type { DeployContext } from './deploy-context.ts'
import { failureText, isProjectFault } from './engine-names.ts'
import { finishPromotion } from './promote.ts'
import { runSteps, StepError, undoSteps } from './run-steps.ts'
import type { ScratchResult } from './scratch-check.ts'
import { withTurn } from './with-turn.ts'

export interface PlanWork {
  readonly deployment: Deployment
  readonly live: DeploymentMap
  readonly plan: DeploymentPlan
  readonly checked: ScratchResult
  readonly autoPromote: boolean
  /** As deploymentSteps takes it. */
  readonly fillOf?: StepInput['fillOf']
}

/**
 * Applies a plan. On failure everything is taken back and the deployment is `failed` (`deleting` when taking back failed too).
 * @returns the ERROR when the project is to blame, null when it worked. @throws faults that say nothing about the project.
 */
export async function applyPlan(ctx: DeployContext, work: PlanWork): Promise<PlanFeedback | null> {
  const { workspaceId, number } = work.deployment
  const done: Step[] = []
  const setStatus = (status: Deployment['status']): Promise<Deployment> =>
    ctx.catalog.updateDeployment(workspaceId, number, { status })
  try {
    await setStatus('creating_schema')
    await ctx.catalog.putSchemas(work.plan.schemas.map((each) => ({ ...each, workspaceId })))
    const steps = await stepsOf(ctx, work)
    await runSteps(ctx, steps.create, done)
    await setStatus('schema_ready')
    await withTurn(ctx, workspaceId, async (signal) => {
      try {
        await runSteps(
          ctx,
          [...steps.stage, ...(work.autoPromote ? steps.promote : [])],
          done,
          signal,
        )
        signal.throwIfAborted()
        if (work.autoPromote) await finishPromotion(ctx, work.deployment)
        else await setStatus('data_ready')
      } catch (err) {
        // Before the turn is given back: a view that feeds a half-made table must not see a row. Once live, nothing is undone.
        if (!(await isLive(ctx, work.deployment)) && !(await undoSteps(ctx, done)))
          await setStatus('deleting')
        throw err
      }
    })
    return null
  } catch (err) {
    return fail(ctx, work, done, err)
  }
}

async function stepsOf(ctx: DeployContext, work: PlanWork) {
  const { deployment, live, plan, checked } = work
  const { workspaceId } = deployment
  const views = await describeViews(ctx.clickhouse, workspaceId, live)
  return deploymentSteps({
    ...{ workspaceId, live, plan },
    viewOf: (pipe) => compileView(workspaceId, plan.next, pipe, checked.viewColumns[pipe] ?? []),
    liveViewOf: (pipe) => views.get(pipe) ?? compileView(workspaceId, live, pipe, []),
    forwardColumns: (name) => checked.forwardColumns[name] ?? [],
    ...(work.fillOf === undefined ? {} : { fillOf: work.fillOf }),
  })
}

async function fail(
  ctx: DeployContext,
  work: PlanWork,
  done: Step[],
  err: unknown,
): Promise<PlanFeedback> {
  const { workspaceId, number, feedback } = work.deployment
  if (await isLive(ctx, work.deployment)) throw err
  const isUndone = (err instanceof StepError ? err.isUndone : true) && (await undoSteps(ctx, done))
  const cause = err instanceof StepError ? err.cause : err
  const resource = err instanceof StepError ? err.resource : null
  const isKnown = isProjectFault(cause)
  const message = isKnown
    ? failureText(cause, [work.plan.next, work.live])
    : 'The server could not carry out the deployment. Nothing was changed.'
  const problem: PlanFeedback = { resource, level: 'ERROR', message }
  await ctx.catalog.updateDeployment(workspaceId, number, {
    status: isUndone ? 'failed' : 'deleting',
    feedback: [...feedback, problem],
  })
  if (!isKnown) throw cause
  return problem
}

/** Asked of the catalog: the reply to a promotion may be lost although it happened. */
async function isLive(ctx: DeployContext, { workspaceId, number }: Deployment): Promise<boolean> {
  return (await ctx.catalog.findDeployment(workspaceId, number))?.live === true
}
