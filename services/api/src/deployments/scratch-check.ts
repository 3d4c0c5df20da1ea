// The last word before anything is touched: the whole next project, as empty tables in a database of its own, asked of the
// engine. What does not hold there would not hold for real.
import { DESCRIBE_LIMITS, querySettings, type ClickHouse, type Gate } from '@sandpiper/clickhouse'
import { JOB_TIMESTAMP, jobTimestamp } from '@sandpiper/contracts'
import type { PipeNode } from '@sandpiper/datafile'
import {
  copyOf,
  createDatabase,
  createQuarantineTable,
  createTable,
  databaseName,
  forwardSelect,
  ForwardQueryError,
  isOptional,
  matchTarget,
  materializedNode,
  qualified,
  quarantineTableName,
  resourceLabel,
  tableName,
  targetName,
  type DeployedDataSource,
  type DeployedPipe,
  type DeploymentMap,
  type DeploymentPlan,
  type DescribedColumn,
  type PipeCopy,
  type PlanFeedback,
} from '@sandpiper/deployment'
import { Fault, fault } from '@sandpiper/faults'
import {
  compilePipe,
  EVERYTHING,
  reservedNameWarnings,
  type CompiledQuery,
  type CompileScope,
} from '@sandpiper/pipes'

import { failureText, isProjectFault } from './engine-names.ts'
import { problemOfSchedule } from './scheduled-copy.ts'

export interface ScratchDeps {
  readonly clickhouse: ClickHouse
  readonly gate: Gate
  /** 24 random hex digits. */
  readonly randomHex: () => string
  /** Unix milliseconds. */
  readonly now: () => number
}

/** What the engine says about a plan. */
export interface ScratchResult {
  readonly feedback: readonly PlanFeedback[]
  /** Columns of the target that each materialized pipe gives. */
  readonly viewColumns: Readonly<Record<string, readonly string[]>>
  /** Columns that each FORWARD_QUERY in use gives. */
  readonly forwardColumns: Readonly<Record<string, readonly string[]>>
}

/** Databases of checks are called `ws_ffffffff...`, so that a start can remove what a crash left. */
const SCRATCH_PREFIX = 'ws_ffffffff'

/** Removes what checks of a killed process left. */
export async function dropScratchDatabases(clickhouse: ClickHouse): Promise<void> {
  const sql = `SELECT name FROM system.databases WHERE startsWith(name, '${SCRATCH_PREFIX}')`
  for (const { name } of await clickhouse.rows<{ name: string }>({ sql })) {
    await clickhouse.command({ sql: `DROP DATABASE IF EXISTS ${name} SYNC` })
  }
}

/** Checks a plan; leaves nothing behind. @throws faults of the engine that say nothing about the project. */
export async function scratchCheck(
  deps: ScratchDeps,
  live: DeploymentMap,
  plan: DeploymentPlan,
): Promise<ScratchResult> {
  const hex = deps.randomHex()
  const workspaceId = `ffffffff-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 24)}`
  const check: Check = {
    ...deps,
    live,
    plan,
    workspaceId,
    feedback: [],
    viewColumns: {},
    forwardColumns: {},
  }
  const database = databaseName(workspaceId)
  try {
    await deps.clickhouse.command({ sql: createDatabase(database) })
    await makeTables(check, database)
    // Without its tables every pipe that reads them would complain too, of nothing that is wrong with it.
    if (check.feedback.some((each) => each.level === 'ERROR')) return check
    for (const { dataSource, kind, fill } of plan.tables) {
      if (kind === 'rebuild' && fill === 'forward') await checkForward(check, database, dataSource)
    }
    for (const pipe of Object.values(plan.next.pipes)) await checkPipe(check, pipe)
    return check
  } finally {
    await deps.clickhouse.command({ sql: `DROP DATABASE IF EXISTS ${database} SYNC` })
  }
}

interface Check extends ScratchDeps {
  readonly live: DeploymentMap
  readonly plan: DeploymentPlan
  readonly workspaceId: string
  readonly feedback: PlanFeedback[]
  readonly viewColumns: Record<string, readonly string[]>
  readonly forwardColumns: Record<string, readonly string[]>
}

async function makeTables(check: Check, database: string): Promise<void> {
  const old = check.plan.tables
    .filter((each) => each.kind === 'rebuild' && each.fill === 'forward')
    .flatMap((each) => check.live.dataSources[each.dataSource] ?? [])
  for (const { file, id, generation } of [...Object.values(check.plan.next.dataSources), ...old]) {
    const statements = [
      createTable(database, tableName(id, generation), file),
      createQuarantineTable(database, quarantineTableName(id, generation), file),
    ]
    await reporting(check, resourceLabel(file), async () => {
      for (const sql of statements) await check.clickhouse.command({ sql })
    })
  }
}

async function checkForward(check: Check, database: string, name: string): Promise<void> {
  const live = check.live.dataSources[name]
  const next = check.plan.next.dataSources[name]
  if (live === undefined || next === undefined) return
  await reporting(check, resourceLabel(next.file), async () => {
    const table = tableName(live.id, live.generation)
    const sql = forwardQuery(live, next, qualified(database, table))
    const tables = [{ database, table, userName: name }]
    const query = {
      sql,
      params: {},
      settings: {},
      tables,
      cacheTtlSeconds: null,
      userNames: new Map<string, string>(),
    }
    const given = await describe(check, query)
    const names = new Set(given.map((each) => each.name))
    for (const column of next.file.columns) {
      if (names.has(column.name) || isOptional(column)) continue
      const message = `FORWARD_QUERY does not give column ${column.name}`
      check.feedback.push({ resource: resourceLabel(next.file), level: 'ERROR', message })
    }
    check.forwardColumns[name] = next.file.columns
      .map((each) => each.name)
      .filter((each) => names.has(each))
  })
}

function forwardQuery(live: DeployedDataSource, next: DeployedDataSource, table: string): string {
  try {
    return forwardSelect(live.file, next.file, table, 'query')
  } catch (err) {
    if (err instanceof ForwardQueryError)
      throw fault('query.refused', { public: err.message, cause: err })
    throw err
  }
}

async function checkPipe(check: Check, pipe: DeployedPipe): Promise<void> {
  const resource = resourceLabel(pipe.file)
  const materialized = materializedNode(pipe.file)
  for (const node of pipe.file.nodes) {
    if (node === materialized)
      await reporting(check, resource, () => checkMaterialized(check, pipe, node))
    else if (node.type === 'copy')
      await reporting(
        check,
        resource,
        () => checkCopy(check, pipe),
        isTemplate(node) ? 'template' : 'sql',
      )
    else
      await reporting(
        check,
        resource,
        () => checkNode(check, pipe, node),
        isTemplate(node) ? 'template' : 'sql',
      )
  }
  // A template that cannot be read has been reported: its names are not known.
  if (check.feedback.some((each) => each.resource === resource && each.level === 'ERROR')) return
  for (const message of reservedNameWarnings(pipe.file))
    check.feedback.push({ resource, level: 'WARNING', message })
}

async function checkNode(check: Check, pipe: DeployedPipe, node: PipeNode): Promise<void> {
  const scope = scopeOf(check.workspaceId, check.plan.next, true)
  await describe(check, compilePipe(scope, { pipe: pipe.file.name, node: node.name }))
}

async function checkMaterialized(check: Check, pipe: DeployedPipe, node: PipeNode): Promise<void> {
  const resource = resourceLabel(pipe.file)
  const target = targetName(pipe.file) ?? ''
  const compiled = compilePipe(scopeOfView(check.workspaceId, check.plan.next), {
    pipe: pipe.file.name,
    node: node.name,
  })
  if (Object.keys(compiled.params).length > 0) {
    throw fault('query.refused', { public: 'tb_secret cannot be used in a materialized pipe' })
  }
  const match = matchTarget(
    await describe(check, compiled),
    check.plan.next.dataSources[target]?.file.columns ?? [],
    target,
  )
  for (const message of match.errors) check.feedback.push({ resource, level: 'ERROR', message })
  for (const message of match.warnings) check.feedback.push({ resource, level: 'WARNING', message })
  check.viewColumns[pipe.file.name] = match.columns
}

async function checkCopy(check: Check, pipe: DeployedPipe): Promise<void> {
  const copy = copyOf(pipe.file)
  if (copy === null) return
  const resource = resourceLabel(pipe.file)
  const add = (level: PlanFeedback['level'], message: string): void => {
    check.feedback.push({ resource, level, message: `Node ${copy.node.name}: ${message}` })
  }
  const { next } = check.plan
  const problem = copyProblem(check, pipe, copy)
  if (problem !== null) add('ERROR', problem)
  const target = next.dataSources[copy.target]?.file
  const params = { [JOB_TIMESTAMP]: jobTimestamp(check.now()) }
  const compiled = compilePipe(
    { ...scopeOf(check.workspaceId, next, true), params },
    { pipe: pipe.file.name, node: copy.node.name },
  )
  const match = matchTarget(await describe(check, compiled), target?.columns ?? [], copy.target)
  // What a template gives may depend on its parameters: the job says so again.
  const level = isTemplate(copy.node) ? 'WARNING' : 'ERROR'
  for (const message of match.errors) add(level, message)
  for (const message of match.warnings) add('WARNING', message)
}

/** What is wrong with a copy whatever its SQL is; null when nothing is. */
function copyProblem(check: Check, pipe: DeployedPipe, copy: PipeCopy): string | null {
  const map = check.plan.next
  const target = map.dataSources[copy.target]?.file
  const states = target?.columns.find(({ type }) => /^AggregateFunction\(/.test(type))
  if (states !== undefined && copy.mode === 'append')
    return `${copy.target} has the AggregateFunction column ${states.name}: a copy can only replace its rows (COPY_MODE replace), or use a materialized pipe`
  if (copy.schedule === null) return null
  const { workspaceId } = check
  return problemOfSchedule({ workspaceId, map, nowMs: check.now() }, pipe, copy)
}

/** How a pipe is compiled when nobody called it. */
export function scopeOf(workspaceId: string, map: DeploymentMap, testMode: boolean): CompileScope {
  return { workspaceId, map, params: {}, secrets: new Map(), authority: EVERYTHING, testMode }
}

/** How the SELECT of a materialized view is compiled. */
export function scopeOfView(workspaceId: string, map: DeploymentMap): CompileScope {
  return { ...scopeOf(workspaceId, map, false), forView: true }
}

async function describe(check: Check, compiled: CompiledQuery): Promise<DescribedColumn[]> {
  await check.gate.check(compiled)
  const { sql, params, settings } = compiled
  return check.clickhouse.rows<DescribedColumn>({
    sql: `DESCRIBE TABLE (${sql}\n)`,
    params,
    settings: querySettings(DESCRIBE_LIMITS, settings),
  })
}

/**
 * Errors that are true whatever the parameters are. In a template others may come from the placeholders, so they are only
 * warnings there: unknown function, column, table; syntax.
 */
const CERTAIN_CODES: ReadonlySet<string> = new Set(['46', '47', '60', '62'])

async function reporting(
  check: Check,
  resource: string,
  work: () => Promise<void>,
  source: 'sql' | 'template' = 'sql',
): Promise<void> {
  try {
    await work()
  } catch (err) {
    if (!isProjectFault(err)) throw err
    const message = failureText(err, [check.plan.next, check.live])
    check.feedback.push({
      resource,
      level: source === 'sql' || isCertain(err) ? 'ERROR' : 'WARNING',
      message,
    })
  }
}

function isCertain(err: unknown): boolean {
  if (!(err instanceof Fault)) return true
  const code = err.details.headers?.['X-DB-Exception-Code']
  return code === undefined || CERTAIN_CODES.has(code)
}

function isTemplate(node: PipeNode): boolean {
  return node.sql.trimStart().startsWith('%')
}
