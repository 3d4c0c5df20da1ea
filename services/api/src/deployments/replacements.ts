// Replaces the rows of a data source at once. A new generation of it, and of what materializations make of it, is made beside the live one
// as a deployment that is not finished; an import fills it through the log; then it is swapped in like any deployment. Until the swap
// readers see the old rows and events go on reaching them; what is acknowledged before the file is in goes with the old rows, what is
// loaded after the swap stays. A crash before the swap leaves an unfinished deployment, which the next start takes back.
import type { Deployment } from '@sandpiper/catalog'
import type { Replacement, Replacements, ReplaceRequest } from '@sandpiper/contracts'
import type { Column } from '@sandpiper/datafile'
import {
  createQuarantineTable,
  createTable,
  databaseName,
  deploymentSteps,
  dropTable,
  feedersOf,
  findDataSource,
  planReplacement,
  quarantineTableName,
  tableName,
  type DeployedDataSource,
  type DeploymentMap,
  type ReplacementPlan,
  type Step,
} from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'

import { copyQuarantine } from './clean-up.ts'
import { compileView as compiledIn, describeViews } from './compiled-views.ts'
import type { DeployContext } from './deploy-context.ts'
import { latestNumbers } from './latest-numbers.ts'
import { promote } from './promote.ts'
import {
  incompatible,
  incompatibleKeys,
  partObstacle,
  replacePart,
  type PartWork,
  type ScratchGenerations,
} from './replace-part.ts'
import { rowCondition } from './row-condition.ts'
import { runSteps, StepError, undoSteps } from './run-steps.ts'
import { swappedByJob } from './swapped-by-job.ts'
import { withTurn } from './with-turn.ts'
import type { WorkspaceQueue } from './workspace-queue.ts'

export interface DeployerReplacements extends Replacements<Column> {
  /** @throws fault `request.invalid` for what is no condition over the rows of the data source. */
  check(workspaceId: string, source: DeployedDataSource, condition: string): Promise<void>
}

/** Parts of the deployer. Call within its queue. */
export interface DeployerParts {
  discard(workspaceId: string, number: number): Promise<Deployment>
  refuseBesideStaged(workspaceId: string): Promise<void>
}

/** Makes the replacements of one deployer. */
export function createReplacements(
  ctx: DeployContext,
  queue: WorkspaceQueue,
  parts: DeployerParts,
): DeployerReplacements {
  const line = createLine()
  return {
    async check(workspaceId, source, condition) {
      await rowCondition(ctx, workspaceId, source, condition)
    },
    async finished(job) {
      const swapped = await swappedByJob(ctx.catalog, job)
      return swapped === null ? null : (swapped.outcome ?? {})
    },
    async begin(request, signal) {
      const { workspaceId } = request
      const leave = await line.enter(workspaceId, signal)
      try {
        const begun = await queue.run(workspaceId, () => stage(ctx, parts, request))
        return replacementOf(ctx, queue, parts, begun, leave)
      } catch (err) {
        leave()
        throw err
      }
    },
  }
}

/** A replacement whose tables are there. */
interface Begun {
  readonly workspaceId: string
  readonly deployment: Deployment
  readonly schemaVersion: number
  readonly columns: readonly Column[]
  /** What is left to do before the swap; null when the import fills the new tables itself. */
  readonly part: PartWork | null
}

function replacementOf(
  ctx: DeployContext,
  queue: WorkspaceQueue,
  parts: DeployerParts,
  { workspaceId, deployment, schemaVersion, columns, part }: Begun,
  leave: () => void,
): Replacement<Column> {
  const { number } = deployment
  return {
    ...{ schemaVersion, columns },
    async finish(outcome) {
      let skippedViews: readonly string[] = []
      await queue.run(workspaceId, async () => {
        const found = await ctx.catalog.findDeployment(workspaceId, number)
        if (found?.status !== 'schema_ready') throw discarded()
        const live = await ctx.catalog.liveMap(workspaceId)
        const prepare = async (): Promise<void> => {
          if (part !== null) skippedViews = await fillPart(ctx, part, found)
        }
        const plan = { ...(found.plan as object | null), outcome }
        const told = await ctx.catalog.updateDeployment(workspaceId, number, { plan })
        // Never left for somebody to set live: its tables may lack rows.
        await promote(ctx, told, live, prepare, 'deleting')
      })
      leave()
      return { skippedViews }
    },
    async discard() {
      try {
        await queue.run(workspaceId, async () => {
          const found = await ctx.catalog.findDeployment(workspaceId, number)
          if (found?.live === false) await parts.discard(workspaceId, number)
        })
      } finally {
        leave()
      }
    },
  }
}

async function stage(
  ctx: DeployContext,
  parts: DeployerParts,
  request: ReplaceRequest,
): Promise<Begun> {
  const { workspaceId, dataSourceId, condition } = request
  await parts.refuseBesideStaged(workspaceId)
  const { map: live } = await ctx.catalog.liveMap(workspaceId)
  const source = findDataSource(live, dataSourceId)
  if (source === undefined) throw fault('resource.missing', { public: 'The Data Source is gone.' })
  const fresh = await freshNumbers(ctx, live)
  const first = fresh(source)
  const isPart = condition !== null
  const plan = planReplacement({
    ...{ live, dataSource: source.file.name, now: new Date(ctx.now()).toISOString() },
    isFilledApart: isPart,
    // The rows of a file that replace a part wait in a generation of their own.
    freshNumbers: (each) => (isPart && each.id === source.id ? after(first) : fresh(each)),
  })
  const obstacle = plan.obstacles[0]?.message ?? (isPart ? partObstacle(source) : null)
  if (obstacle !== null)
    throw fault('request.invalid', { public: `Nothing was replaced: ${obstacle}.` })
  const part = isPart
    ? await partWork(ctx, request, { condition, live, plan, source: { ...source, ...first } })
    : null
  const deployment = await unfinished(ctx, request, source.file.name, plan, part)
  await makeTables(ctx, deployment, live, plan, part)
  const next = plan.next.dataSources[source.file.name]
  return {
    ...{ workspaceId, deployment, part, columns: source.file.columns },
    schemaVersion: part?.staging.schemaVersion ?? next?.schemaVersion ?? 0,
  }
}

function after({ generation, schemaVersion }: Numbers): Numbers {
  return { generation: generation + 1, schemaVersion: schemaVersion + 1 }
}

interface Numbers {
  readonly generation: number
  readonly schemaVersion: number
}

async function partWork(
  ctx: DeployContext,
  { workspaceId, skipIncompatiblePartitionKey }: ReplaceRequest,
  given: {
    condition: string
    live: DeploymentMap
    plan: ReplacementPlan
    source: DeployedDataSource
  },
): Promise<PartWork> {
  const { live, plan, source: staging } = given
  const { name } = staging.file
  const liveSource = live.dataSources[name] ?? staging
  const condition = await rowCondition(ctx, workspaceId, liveSource, given.condition)
  const views = await describeViews(ctx.clickhouse, workspaceId, live)
  if (!skipIncompatiblePartitionKey) refuseIncompatible(live, plan)
  return {
    ...{ workspaceId, live, name, condition, staging, next: plan.next, replaced: plan.replaced },
    scratch: scratchOf(plan.next),
    viewColumns: (pipe) => views.get(pipe)?.columns ?? [],
    skipIncompatible: skipIncompatiblePartitionKey,
  }
}

/** Said before a file is imported for nothing; what only the rows can tell is found out later. */
function refuseIncompatible(live: DeploymentMap, { replaced }: ReplacementPlan): void {
  for (const name of replaced.slice(1)) {
    const target = live.dataSources[name]
    if (target === undefined) continue
    for (const { source } of feedersOf(live, name)) {
      const from = live.dataSources[source]
      if (from === undefined || !replaced.includes(source)) continue
      const why = partObstacle(target) ?? incompatibleKeys(from, target)
      if (why !== null) throw incompatible(name, why)
    }
  }
}

function scratchOf(next: DeploymentMap): ScratchGenerations {
  return (name) => {
    const generation = next.dataSources[name]?.generation ?? 0
    return {
      ...{ oldPart: generation + 1, newPart: generation + 2 },
      ...{ oldViews: generation + 3, newViews: generation + 4 },
    }
  }
}

function scratchNames({ next, replaced, scratch, staging }: PartWork): string[] {
  return [
    tableName(staging.id, staging.generation),
    quarantineTableName(staging.id, staging.generation),
    ...replaced.flatMap((name) => {
      const id = next.dataSources[name]?.id ?? staging.id
      return Object.values(scratch(name)).map((generation) => tableName(id, generation))
    }),
  ]
}

/** Under the turn. Whatever of it is left after a failure is removed with the deployment. */
async function fillPart(
  ctx: DeployContext,
  part: PartWork,
  { workspaceId, number }: Deployment,
): Promise<string[]> {
  const database = databaseName(workspaceId)
  const skipped = await replacePart(ctx, part)
  const next = part.next.dataSources[part.name]
  if (next !== undefined) await copyQuarantine(ctx.clickhouse, database, part.staging, next)
  for (const name of scratchNames(part))
    await ctx.clickhouse.command({ sql: dropTable(database, name) })
  ctx.logger.info({ workspaceId, number, skipped }, 'replaced a part of the rows')
  return skipped
}

/** Numbers that neither a live table nor one of a replacement that failed had. */
async function freshNumbers(
  ctx: DeployContext,
  live: DeploymentMap,
): Promise<
  (source: { id: string; generation: number; schemaVersion: number }) => {
    generation: number
    schemaVersion: number
  }
> {
  const { latestVersions, latestGenerations } = await latestNumbers(ctx, live)
  return ({ id, generation, schemaVersion }) => ({
    generation: Math.max(generation, latestGenerations.get(id) ?? 0) + 1,
    schemaVersion: Math.max(schemaVersion, latestVersions.get(id) ?? 0) + 1,
  })
}

async function unfinished(
  ctx: DeployContext,
  { workspaceId, jobId }: ReplaceRequest,
  name: string,
  plan: ReplacementPlan,
  part: PartWork | null,
): Promise<Deployment> {
  const nothing = { created: [], changed: [], deleted: [] }
  const changes = {
    dataSources: { ...nothing, changed: plan.replaced },
    pipes: nothing,
    connections: nothing,
  }
  const message = `The rows of ${name} are replaced${plan.replaced.length > 1 ? ', and what is computed from them' : ''}.`
  return ctx.catalog.createDeployment({
    ...{ workspaceId, kind: 'deploy', map: plan.next },
    plan: {
      ...{ changes, tables: plan.tables, views: plan.views, jobId },
      ...(part === null ? {} : { scratch: scratchNames(part) }),
    },
    feedback: [{ resource: null, level: 'INFO', message }],
  })
}

async function makeTables(
  ctx: DeployContext,
  { workspaceId, number }: Deployment,
  live: DeploymentMap,
  plan: ReplacementPlan,
  part: PartWork | null,
): Promise<void> {
  const done: Step[] = []
  try {
    await ctx.catalog.updateDeployment(workspaceId, number, { status: 'creating_schema' })
    const staging = part === null ? [] : [part.staging]
    await ctx.catalog.putSchemas([
      ...staging.map(({ id, schemaVersion, generation, file }) => ({
        ...{ workspaceId, dataSourceId: id, version: schemaVersion, generation },
        columns: file.columns,
      })),
      ...plan.schemas.map((each) => ({ ...each, workspaceId })),
    ])
    const views = await describeViews(ctx.clickhouse, workspaceId, live)
    const columnsOf = (pipe: string): readonly string[] => views.get(pipe)?.columns ?? []
    const steps = deploymentSteps({
      ...{ workspaceId, live, plan },
      viewOf: (pipe) => compiledIn(workspaceId, plan.next, pipe, columnsOf(pipe)),
      liveViewOf: (pipe) => compiledIn(workspaceId, live, pipe, columnsOf(pipe)),
      forwardColumns: () => [],
    })
    await runSteps(
      ctx,
      [...staging.flatMap((each) => stagingSteps(workspaceId, each)), ...steps.create],
      done,
    )
    await withTurn(ctx, workspaceId, async (signal) => {
      try {
        await runSteps(ctx, steps.stage, done, signal)
        signal.throwIfAborted()
      } catch (err) {
        await undoSteps(ctx, done)
        throw err
      }
    })
    await ctx.catalog.updateDeployment(workspaceId, number, { status: 'schema_ready' })
  } catch (err) {
    const isUndone =
      (err instanceof StepError ? err.isUndone : true) && (await undoSteps(ctx, done))
    const status = isUndone ? 'failed' : 'deleting'
    await ctx.catalog.updateDeployment(workspaceId, number, { status })
    throw err instanceof StepError ? err.cause : err
  }
}

function stagingSteps(workspaceId: string, { id, generation, file }: DeployedDataSource): Step[] {
  const database = databaseName(workspaceId)
  const [table, quarantine] = [tableName(id, generation), quarantineTableName(id, generation)]
  const resource = file.name
  return [
    { resource, sql: createTable(database, table, file), undo: [dropTable(database, table)] },
    {
      resource,
      sql: createQuarantineTable(database, quarantine, file),
      undo: [dropTable(database, quarantine)],
    },
  ]
}

function discarded() {
  return fault('request.conflict', {
    public: 'Nothing was replaced: the deployment that was to hold the new rows was discarded.',
  })
}

interface Line {
  /** Resolves, when everybody before has left, with a function that leaves. @throws fault `server.busy`. */
  enter(workspaceId: string, signal: AbortSignal): Promise<() => void>
}

function createLine(): Line {
  const tails = new Map<string, Promise<void>>()
  return {
    async enter(workspaceId, signal) {
      const before = tails.get(workspaceId) ?? Promise.resolve()
      let leave: () => void = () => undefined
      const left = new Promise<void>((resolve) => {
        leave = resolve
      })
      const tail = before.then(() => left)
      tails.set(workspaceId, tail)
      void tail.then(() => {
        if (tails.get(workspaceId) === tail) tails.delete(workspaceId)
      })
      await Promise.race([before, aborted(signal)])
      if (!signal.aborted) return leave
      leave()
      throw fault('server.busy', {
        public: 'Another replacement of data in this workspace has not ended yet.',
        headers: { 'Retry-After': '10' },
      })
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => {
      resolve()
    })
  })
}
