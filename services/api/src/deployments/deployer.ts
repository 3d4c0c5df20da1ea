// Deployments, all or nothing. Until the catalog's one promoting transaction the live map, its tables and its rows are as they
// were; whatever fails before it is taken back. Rows keep flowing to the live tables all the while. See docs/adr/0002.
import type { Deployment } from '@sandpiper/catalog'
import type { Populations } from '@sandpiper/contracts'
import { printDatafile, type Datafile, type DataSourceFile } from '@sandpiper/datafile'
import {
  planDeployment,
  type DeploymentMap,
  type DeploymentPlan,
  type PlanFeedback,
  type ProjectChanges,
} from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'

import { applyPlan } from './apply-plan.ts'
import { checkFragments, withColumnTypes } from './check-fragments.ts'
import { removeStaged } from './clean-up.ts'
import { createCleaner } from './cleaner.ts'
import { datafileTokens, takenTokenNames } from './datafile-tokens.ts'
import type { DeployContext, DeployerDeps } from './deploy-context.ts'
import { parseProject, type FileError, type SentFile } from './parse-project.ts'
import { latestNumbers } from './latest-numbers.ts'
import { promote } from './promote.ts'
import { createPopulations } from './populations.ts'
import { receivers } from './receivers.ts'
import { createReplacements, type DeployerReplacements } from './replacements.ts'
import { dropScratchDatabases, scratchCheck, type ScratchResult } from './scratch-check.ts'
import { unknownSecrets } from './unknown-secrets.ts'
import { withTurn } from './with-turn.ts'
import { createWorkspaceQueue } from './workspace-queue.ts'

export interface DeployerOptions {
  /** Milliseconds that replaced tables stay after a promotion, for requests that began before it. Default 30_000. */
  readonly graceMs?: number
  /** Milliseconds to wait for the writer's turn. Default 30_000. */
  readonly turnTimeoutMs?: number
}

interface DeployRequest {
  readonly workspaceId: string
  readonly kind: Deployment['kind']
  readonly files: readonly SentFile[]
  /** The files are changes of the live project, read when it is this deployment's turn; without, they are the whole project. */
  readonly onto?: { readonly removed: readonly string[] }
  readonly check: boolean
  readonly autoPromote: boolean
  readonly allowDestructive: boolean
}

/** What came of a request. `deployment` is there when one was made. */
export interface DeployOutcome {
  readonly result: 'success' | 'failed' | 'no_changes'
  readonly deployment: Deployment | null
  readonly changes: ProjectChanges
  readonly feedback: readonly PlanFeedback[]
  readonly errors: readonly FileError[]
}

export interface Deployer {
  /**
   * Validates a project and makes it a deployment: live when `autoPromote`, else staged. A project that is wrong is an outcome.
   * @throws fault `request.conflict` while another deployment is staged | `server.busy` | `engine.unavailable` | `catalog.unavailable`.
   */
  deploy(request: DeployRequest): Promise<DeployOutcome>
  /** Makes a staged deployment live. @throws fault `resource.missing` | `request.conflict` when it is not staged. */
  setLive(workspaceId: string, number: number): Promise<Deployment>
  /** Removes a staged or failed deployment with everything it made. @throws fault `resource.missing` | `request.conflict` for the live one. */
  discard(workspaceId: string, number: number): Promise<Deployment>
  /**
   * Adds one data source to the live project and makes that live. A name that is taken is an outcome.
   * @throws as deploy does.
   */
  add(workspaceId: string, file: DataSourceFile): Promise<DeployOutcome>
  /** Replaces rows by those of imports. */
  readonly replacements: DeployerReplacements
  /** Fills targets of materialized pipes anew. */
  readonly populations: Populations
  /** Takes back what a crash cut off. Call at start, before the writer runs; goes on with removing old tables once it does. */
  recover(): Promise<void>
  /** Tells of each deployment that went live in this process. @param listener returns at once and never throws. */
  onPromotion(listener: (workspaceId: string) => void): void
  /** Resolves when nothing is running; with `cleanNow`, old tables are removed without waiting for their grace. */
  idle(options?: { readonly cleanNow?: boolean }): Promise<void>
  /** Stops waiting: what is left is done at the next start. */
  close(): Promise<void>
}

/** Makes the deployer of this process; there must be one only. */
export function createDeployer(deps: DeployerDeps, options: DeployerOptions = {}): Deployer {
  const turnTimeoutMs = options.turnTimeoutMs ?? 30_000
  const queue = createWorkspaceQueue()
  const cleaner = createCleaner({ ...deps, queue, turnTimeoutMs }, options.graceMs ?? 30_000)
  const listeners: ((workspaceId: string) => void)[] = []
  const promoted = (workspaceId: string): void => {
    for (const listener of listeners) listener(workspaceId)
  }
  const ctx: DeployContext = { ...deps, turnTimeoutMs, cleaner, promoted }
  return {
    onPromotion: (listener) => listeners.push(listener),
    deploy: (request) => queue.run(request.workspaceId, () => deploy(ctx, request)),
    add: (workspaceId, file) => queue.run(workspaceId, () => add(ctx, workspaceId, file)),
    replacements: createReplacements(ctx, queue, {
      discard: (workspaceId, number) => discard(ctx, workspaceId, number),
      refuseBesideStaged: (workspaceId) => refuseBesideStaged(ctx, workspaceId),
    }),
    populations: createPopulations(ctx, queue, {
      refuseBesideStaged: (workspaceId) => refuseBesideStaged(ctx, workspaceId),
    }),
    setLive: (workspaceId, number) =>
      queue.run(workspaceId, () => setLive(ctx, workspaceId, number)),
    discard: (workspaceId, number) =>
      queue.run(workspaceId, () => discard(ctx, workspaceId, number)),
    recover: () => recover(ctx),
    async idle({ cleanNow = false } = {}) {
      await queue.idle()
      if (cleanNow) await cleaner.flush()
      await queue.idle()
    },
    close: () => cleaner.close(),
  }
}

async function deploy(ctx: DeployContext, request: DeployRequest): Promise<DeployOutcome> {
  const { workspaceId, kind, allowDestructive } = request
  const project = parseProject(await filesOf(ctx, request))
  if (project.errors.length > 0)
    return failed({ errors: project.errors, feedback: project.warnings })
  await refuseBesideStaged(ctx, workspaceId)
  const fragments = await checkFragments(ctx.gate, project.files)
  if (fragments.length > 0) return failed({ feedback: [...project.warnings, ...fragments] })
  const files = await withColumnTypes(ctx.clickhouse, project.files)
  const live = (await ctx.catalog.liveMap(workspaceId)).map
  const plan = planDeployment({
    ...{ live, files, mode: kind, allowDestructive },
    newId: () => `t_${ctx.randomHex()}`,
    now: new Date(ctx.now()).toISOString(),
    ...(await latestNumbers(ctx, live)),
    receivesRows: await receivers(ctx.catalog),
  })
  const feedback = [...project.warnings, ...plan.feedback]
  if (plan.result !== 'success')
    return { ...failed({ feedback }), result: plan.result, changes: plan.changes }
  const taken = await takenTokenNames(ctx.catalog, workspaceId, plan.next)
  if (taken.length > 0)
    return { ...failed({ feedback: [...feedback, ...taken] }), changes: plan.changes }
  const checked = await scratchCheck(ctx, live, plan)
  const secrets = unknownSecrets(plan.next, await ctx.catalog.secretsOf(workspaceId))
  const all = [...feedback, ...checked.feedback, ...secrets]
  if (checked.feedback.some((each) => each.level === 'ERROR'))
    return { ...failed({ feedback: all }), changes: plan.changes }
  if (request.check)
    return { result: 'success', deployment: null, changes: plan.changes, feedback: all, errors: [] }
  return carryOut(ctx, request, { live, plan, checked, feedback: all })
}

async function add(
  ctx: DeployContext,
  workspaceId: string,
  file: DataSourceFile,
): Promise<DeployOutcome> {
  const { map } = await ctx.catalog.liveMap(workspaceId)
  const files = [...filesIn(map), sentFile(file)]
  const options = { check: false, autoPromote: true, allowDestructive: false }
  return deploy(ctx, { workspaceId, kind: 'deploy', files, ...options })
}

/** @throws fault `resource.missing` for a removed file that is not live: somebody was faster. */
async function filesOf(ctx: DeployContext, request: DeployRequest): Promise<readonly SentFile[]> {
  const { files, onto, workspaceId } = request
  if (onto === undefined) return files
  const live = filesIn((await ctx.catalog.liveMap(workspaceId)).map)
  const missing = onto.removed.find((name) => live.every(({ filename }) => filename !== name))
  if (missing !== undefined)
    throw fault('resource.missing', {
      public: `There is no live file '${missing.slice(0, 300)}' to be removed.`,
    })
  // A project's files stand in folders.
  const changed = files.map(({ filename }) => filename.slice(filename.lastIndexOf('/') + 1))
  const replaced = new Set([...onto.removed, ...changed])
  return [...live.filter(({ filename }) => !replaced.has(filename)), ...files]
}

function filesIn(map: DeploymentMap): SentFile[] {
  return [
    ...Object.values(map.dataSources),
    ...Object.values(map.pipes),
    ...Object.values(map.connections),
  ].map(({ file }) => sentFile(file))
}

function sentFile(file: Datafile): SentFile {
  return { filename: `${file.name}.${file.kind}`, text: printDatafile(file) }
}

async function carryOut(
  ctx: DeployContext,
  request: DeployRequest,
  work: {
    live: DeploymentMap
    plan: DeploymentPlan
    checked: ScratchResult
    feedback: readonly PlanFeedback[]
  },
): Promise<DeployOutcome> {
  const { workspaceId, kind, autoPromote } = request
  const { plan, feedback } = work
  const kept = { changes: plan.changes, tables: plan.tables, views: plan.views }
  const deployment = await ctx.catalog.createDeployment({
    workspaceId,
    kind,
    map: plan.next,
    plan: kept,
    feedback,
  })
  const problem = await applyPlan(ctx, { ...work, deployment, autoPromote })
  const now = (await ctx.catalog.findDeployment(workspaceId, deployment.number)) ?? deployment
  const outcome = { deployment: now, changes: plan.changes, errors: [] }
  return problem === null
    ? { ...outcome, result: 'success', feedback }
    : { ...outcome, result: 'failed', feedback: [...feedback, problem] }
}

async function setLive(
  ctx: DeployContext,
  workspaceId: string,
  number: number,
): Promise<Deployment> {
  const deployment = await required(ctx, workspaceId, number)
  if (deployment.live) return deployment
  const live = await ctx.catalog.liveMap(workspaceId)
  if (deployment.status !== 'data_ready' || number < live.number) {
    throw fault('request.conflict', {
      public: `Deployment ${number} cannot be set live: it is ${deployment.status}.`,
    })
  }
  await promote(ctx, deployment, live)
  return required(ctx, workspaceId, number)
}

async function discard(
  ctx: DeployContext,
  workspaceId: string,
  number: number,
): Promise<Deployment> {
  const deployment = await required(ctx, workspaceId, number)
  const live = await ctx.catalog.liveMap(workspaceId)
  if (deployment.live)
    throw fault('request.conflict', {
      public: `Deployment ${number} is live and cannot be discarded.`,
    })
  // Those before the live one are being cleaned up already.
  if (number < live.number || deployment.status === 'deleted') return deployment
  await ctx.catalog.updateDeployment(workspaceId, number, { status: 'deleting' })
  await withTurn(ctx, workspaceId, () => removeStaged(ctx, workspaceId, deployment, live.map))
  return ctx.catalog.updateDeployment(workspaceId, number, discardedOf(deployment))
}

/** Tells apart, later, what never was live from what was replaced. */
function discardedOf({ plan }: Pick<Deployment, 'plan'>): Pick<Deployment, 'status' | 'plan'> {
  return { status: 'deleted', plan: { ...(plan as object | null), discarded: true } }
}

async function recover(ctx: DeployContext): Promise<void> {
  await dropScratchDatabases(ctx.clickhouse)
  for (const {
    workspaceId,
    number,
    map,
    plan,
    live: isLive,
  } of await ctx.catalog.unfinishedDeployments()) {
    const live = await ctx.catalog.liveMap(workspaceId)
    if (isLive) await ctx.catalog.updateDeployment(workspaceId, number, { status: 'data_ready' })
    else if (number < live.number) {
      await ctx.catalog.replaceDatafileTokens(workspaceId, datafileTokens(live.map))
      ctx.cleaner.schedule(workspaceId, number)
    } else {
      await removeStaged(ctx, workspaceId, { map, plan }, live.map)
      await ctx.catalog.updateDeployment(workspaceId, number, discardedOf({ plan }))
      ctx.logger.warn({ workspaceId, number }, 'took back a deployment that a crash cut off')
    }
  }
}

async function required(
  ctx: DeployContext,
  workspaceId: string,
  number: number,
): Promise<Deployment> {
  const found = await ctx.catalog.findDeployment(workspaceId, number)
  if (found === null) throw fault('resource.missing', { public: `Deployment ${number} not found.` })
  return found
}

async function refuseBesideStaged(ctx: DeployContext, workspaceId: string): Promise<void> {
  const { number: live } = await ctx.catalog.liveMap(workspaceId)
  const others = (await ctx.catalog.listDeployments(workspaceId)).filter(
    (each) => each.number > live && each.status !== 'failed',
  )
  for (const other of others) {
    // Its undoing failed before, with the engine away: now is the time.
    if (other.status === 'deleting') await discard(ctx, workspaceId, other.number)
    else if (other.status !== 'data_ready') {
      throw fault('request.conflict', {
        public: `Deployment ${other.number} is being made (${other.status}), by a replacement of data perhaps. Try again when it has ended.`,
        headers: { 'Retry-After': '5' },
      })
    } else {
      const advice = `Set it live with POST /v1/deployments/${other.number}/set-live or discard it with DELETE /v1/deployments/${other.number}.`
      throw fault('request.conflict', {
        public: `Deployment ${other.number} is staged (${other.status}). ${advice}`,
      })
    }
  }
}

const NO_CHANGES = { created: [], changed: [], deleted: [] }

function failed(given: {
  errors?: readonly FileError[]
  feedback: readonly PlanFeedback[]
}): DeployOutcome {
  const changes = { dataSources: NO_CHANGES, pipes: NO_CHANGES, connections: NO_CHANGES }
  return {
    result: 'failed',
    deployment: null,
    changes,
    feedback: given.feedback,
    errors: given.errors ?? [],
  }
}
