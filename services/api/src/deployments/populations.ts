// Fills the target of a materialized pipe. The target gets a new generation, filled under the turn of the workspace, in which no batch is in
// flight: each row of the source is either there and comes from the fill, or comes later and by the view, never both and never neither. The
// swap is that of any deployment, so a failure, a cancel or a crash before it leaves everything as it was. See docs/adr/0004.
import type { Deployment } from '@sandpiper/catalog'
import type { ClickHouse, QueryRequest } from '@sandpiper/clickhouse'
import type { PopulationProgress, PopulationRequest, Populations } from '@sandpiper/contracts'
import {
  databaseName,
  feedersOf,
  findPipe,
  planPopulation,
  qualified,
  tableName,
  targetName,
  type CompiledView,
  type DeploymentMap,
  type ReplacementPlan,
} from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { replaceTables } from '@sandpiper/sql'

import { applyPlan } from './apply-plan.ts'
import { compileView, describeViews } from './compiled-views.ts'
import type { DeployContext } from './deploy-context.ts'
import { latestNumbers } from './latest-numbers.ts'
import { receivers } from './receivers.ts'
import type { DeployerParts } from './replacements.ts'
import { swappedByJob } from './swapped-by-job.ts'
import type { WorkspaceQueue } from './workspace-queue.ts'

/** Rows of a subset at most. Source: Tinybird populate parameters, read 2026-11. */
const SUBSET_ROWS_MAX = 2_000_000
/** Milliseconds between two looks at how far a fill is. */
const LOOK_MS = 500

/** Makes the populations of one deployer. */
export function createPopulations(
  ctx: DeployContext,
  queue: WorkspaceQueue,
  parts: Pick<DeployerParts, 'refuseBesideStaged'>,
): Populations {
  return {
    run: (request, signal, tell) =>
      queue.run(request.workspaceId, async () => {
        signal.throwIfAborted()
        if (!(await isDone(ctx, request))) {
          await parts.refuseBesideStaged(request.workspaceId)
          await populate(ctx, request, signal, tell)
        }
        return { rows: await countRows(ctx, request) }
      }),
  }
}

/** Whether a run that was cut off had swapped its tables in already. */
async function isDone(ctx: DeployContext, request: PopulationRequest): Promise<boolean> {
  return (await swappedByJob(ctx.catalog, request)) !== null
}

async function populate(
  ctx: DeployContext,
  request: PopulationRequest,
  signal: AbortSignal,
  tell: (progress: PopulationProgress) => void,
): Promise<void> {
  const { workspaceId } = request
  const { map: live } = await ctx.catalog.liveMap(workspaceId)
  const pipe = findPipe(live, request.pipeId)
  if (pipe?.view == null || targetName(pipe.file) === null) throw gone(request)
  const plan = await planned(ctx, live, pipe.file.name, request)
  const views = await describeViews(ctx.clickhouse, workspaceId, live)
  const columnsOf = (name: string): readonly string[] => views.get(name)?.columns ?? []
  const restricted = restrictedView(workspaceId, plan.next, pipe.file.name, {
    ...request,
    columns: columnsOf(pipe.file.name),
  })
  // Only now: from here on whatever fails is taken back.
  const deployment = await unfinished(ctx, request, plan)
  const watched = watch(ctx.clickhouse, request.jobId, signal, tell)
  try {
    const problem = await applyPlan(
      { ...ctx, clickhouse: watched.clickhouse },
      {
        ...{ deployment, live, autoPromote: true },
        plan: { ...plan, result: 'success', feedback: [], changes: NO_CHANGES },
        checked: {
          ...{ feedback: [], forwardColumns: {} },
          viewColumns: Object.fromEntries([...views].map(([name, { columns }]) => [name, columns])),
        },
        ...(restricted === null
          ? {}
          : { fillOf: (name: string) => (name === pipe.file.name ? restricted : null) }),
      },
    )
    if (problem === null) return
    signal.throwIfAborted()
    throw fault('query.failed', { public: `Nothing was changed: ${problem.message}` })
  } catch (err) {
    if (await isDone(ctx, request)) return
    signal.throwIfAborted()
    throw err
  } finally {
    await watched.stop()
  }
}

const NOTHING = { created: [], changed: [], deleted: [] }
const NO_CHANGES = { dataSources: NOTHING, pipes: NOTHING, connections: NOTHING }

async function planned(
  ctx: DeployContext,
  live: DeploymentMap,
  pipe: string,
  { truncate }: PopulationRequest,
): Promise<ReplacementPlan> {
  const { latestVersions, latestGenerations } = await latestNumbers(ctx, live)
  const plan = planPopulation({
    ...{ live, pipe, truncate, now: new Date(ctx.now()).toISOString() },
    receivesRows: await receivers(ctx.catalog),
    freshNumbers: ({ id, generation, schemaVersion }) => ({
      generation: Math.max(generation, latestGenerations.get(id) ?? 0) + 1,
      schemaVersion: Math.max(schemaVersion, latestVersions.get(id) ?? 0) + 1,
    }),
  })
  const [obstacle] = plan.obstacles
  if (obstacle === undefined) return plan
  throw fault('request.invalid', { public: `Nothing was changed: ${obstacle.message}.` })
}

function unfinished(
  ctx: DeployContext,
  { workspaceId, jobId, dataSourceName }: PopulationRequest,
  { next, tables, views, replaced }: ReplacementPlan,
): Promise<Deployment> {
  const changes = { ...NO_CHANGES, dataSources: { ...NOTHING, changed: replaced } }
  const message = `${dataSourceName} is filled from its sources${replaced.length > 1 ? ', and what is computed from it anew' : ''}.`
  return ctx.catalog.createDeployment({
    ...{ workspaceId, kind: 'deploy', map: next },
    plan: { changes, tables, views, jobId },
    feedback: [{ resource: null, level: 'INFO', message }],
  })
}

/** The SELECT of the pipe over a part of its source's rows; null when all are meant. */
function restrictedView(
  workspaceId: string,
  next: DeploymentMap,
  pipe: string,
  { condition, subset, columns }: PopulationRequest & { readonly columns: readonly string[] },
): CompiledView | null {
  if (condition === null && subset === null) return null
  const { select } = compileView(workspaceId, next, pipe, columns)
  const file = next.pipes[pipe]?.file
  const target = (file === undefined ? null : targetName(file)) ?? ''
  const source = feedersOf(next, target).find((each) => each.pipe === pipe)?.source ?? ''
  const from = next.dataSources[source]
  if (from === undefined) throw fault('resource.missing', { public: 'The source is gone.' })
  const table = tableName(from.id, from.generation)
  const all = `SELECT * FROM ${qualified(databaseName(workspaceId), table)}`
  const part =
    subset === null
      ? `${all} WHERE ${condition ?? 'true'}`
      : `${all} WHERE rand64() % 1000000 < ${Math.round(subset * 1_000_000)} LIMIT ${SUBSET_ROWS_MAX}`
  // The leftmost one is what triggers the view.
  let isFirst = true
  const restricted = replaceTables(select, (reference) => {
    if (!isFirst || reference.name !== table) return null
    isFirst = false
    return { form: 'subquery', sql: part }
  })
  return { select: restricted, columns }
}

/** The engine, with statements that can be found again: how far they are is told, and the signal stops those under the turn. */
function watch(
  clickhouse: ClickHouse,
  jobId: string,
  signal: AbortSignal,
  tell: (progress: PopulationProgress) => void,
): { readonly clickhouse: ClickHouse; stop(): Promise<void> } {
  let statements = 0
  let looking: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    const [found] = await clickhouse.rows<{ read: string; total: string }>({
      sql: `SELECT sum(read_rows) AS read, sum(total_rows_approx) AS total FROM system.processes
            WHERE startsWith(query_id, {id:String})`,
      params: { id: jobId },
      timeoutMs: 5_000,
    })
    const read = Number(found?.read ?? 0)
    if (read > 0) tell({ readRows: read, totalRows: Number(found?.total ?? 0) })
  }
  const timer = setInterval(() => {
    // Only a number to look at.
    looking = looking.then(look).catch(() => undefined)
  }, LOOK_MS)
  const command = (request: Omit<QueryRequest, 'format'>): Promise<void> => {
    const queryId = `${jobId}.${++statements}`
    // What takes things back is not stopped.
    if (request.signal === undefined) return clickhouse.command({ ...request, queryId })
    const either = AbortSignal.any([request.signal, signal])
    return clickhouse.command({ ...request, queryId, signal: either })
  }
  return {
    clickhouse: { ...clickhouse, command },
    async stop() {
      clearInterval(timer)
      await looking
    },
  }
}

async function countRows(ctx: DeployContext, request: PopulationRequest): Promise<number> {
  const { workspaceId, dataSourceId } = request
  const { map } = await ctx.catalog.liveMap(workspaceId)
  const target = Object.values(map.dataSources).find(({ id }) => id === dataSourceId)
  if (target === undefined) return 0
  const table = qualified(databaseName(workspaceId), tableName(target.id, target.generation))
  const sql = `SELECT count() AS rows FROM ${table}`
  const [row] = await ctx.clickhouse.rows<{ rows: string }>({ sql })
  return Number(row?.rows ?? 0)
}

function gone({ pipeName }: PopulationRequest) {
  return fault('resource.missing', {
    public: `The materialized pipe '${pipeName}' does not exist any more.`,
  })
}
