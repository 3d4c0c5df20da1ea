// A plan as statements, in the three parts in which the executor runs them. Each statement says how to undo it, so that a part
// that fails half-way leaves nothing behind.
import type { Column } from '@sandpiper/datafile'
import { assert } from '@sandpiper/assert'

import { addColumns, changeTable, dropColumns, type TableNames } from './alter-statements.ts'
import {
  createQuarantineTable,
  createTable,
  createView,
  dropTable,
  insertSelect,
  qualified,
} from './ddl.ts'
import type { DeployedDataSource, DeployedPipe, DeploymentMap } from './deployment-map.ts'
import { commonColumns, forwardSelect } from './forward-select.ts'
import { alteredPairs } from './physical-objects.ts'
import { isForwarded, resourceLabel, type DeploymentPlan, type TableChange } from './plan.ts'
import { targetName } from './project-files.ts'
import {
  databaseName,
  forwardViewName,
  quarantineTableName,
  tableName,
  viewName,
} from './table-names.ts'

/** One statement on behalf of one resource. */
export interface Step {
  readonly resource: string
  readonly sql: string
  /** Takes the statement back; none when dropping what was created elsewhere does. Idempotent or harmless when it was not run. */
  readonly undo: readonly string[]
}

/** The SELECT of a materialized pipe over engine names, and the columns of its target that it gives. */
export interface CompiledView {
  readonly select: string
  readonly columns: readonly string[]
}

/** What the statements of a plan are made from. */
export interface StepInput {
  readonly workspaceId: string
  readonly live: DeploymentMap
  readonly plan: Pick<DeploymentPlan, 'next' | 'tables' | 'views'>
  /** Compiled against the next map, by pipe name. */
  readonly viewOf: (pipe: string) => CompiledView
  /** What a fill runs in its place, by pipe name; null for the view's own SELECT. Default null. */
  readonly fillOf?: (pipe: string) => CompiledView | null
  /** Compiled against the live map, by pipe name. */
  readonly liveViewOf: (pipe: string) => CompiledView
  /** Columns that the FORWARD_QUERY of a data source gives. */
  readonly forwardColumns: (dataSource: string) => readonly string[]
}

/** The statements of a plan, in the order of their parts. */
export interface DeploymentSteps {
  /** Makes tables nobody knows yet. Needs no turn. */
  readonly create: readonly Step[]
  /** Under the turn: new columns, filling, and views that keep what was filled up to date. */
  readonly stage: readonly Step[]
  /** Under the turn, right before the map is swapped: views move to the new tables, tables are altered. */
  readonly promote: readonly Step[]
}

/** Writes down every statement of a plan. Pure. */
export function deploymentSteps(input: StepInput): DeploymentSteps {
  return { create: createSteps(input), stage: stageSteps(input), promote: promoteSteps(input) }
}

function createSteps({ workspaceId, plan }: StepInput): Step[] {
  const database = databaseName(workspaceId)
  return plan.tables
    .filter((each) => each.kind !== 'alter')
    .flatMap(({ dataSource }): Step[] => {
      const { id, generation, file } = required(plan.next.dataSources, dataSource)
      const table = tableName(id, generation)
      const quarantine = quarantineTableName(id, generation)
      const resource = resourceLabel(file)
      return [
        { resource, sql: createTable(database, table, file), undo: [dropTable(database, table)] },
        {
          resource,
          sql: createQuarantineTable(database, quarantine, file),
          undo: [dropTable(database, quarantine)],
        },
      ]
    })
}

function stageSteps(input: StepInput): Step[] {
  const { workspaceId, live, plan } = input
  const database = databaseName(workspaceId)
  const columns = alteredPairs(live, plan.next).flatMap(({ one, other }) => {
    const names = namesOf(database, other)
    const added = addColumns(names, one.file, other.file)
    return added.map((sql): Step => ({
      resource: resourceLabel(other.file),
      sql,
      undo: dropColumns(names, other.file, one.file),
    }))
  })
  // All fills come before all views: a view that is there while its source is filled would carry the same rows twice.
  return [
    ...columns,
    ...plan.tables.flatMap((each) => fillSteps(input, each.dataSource)),
    ...stagedViews(input),
  ]
}

function fillSteps(input: StepInput, name: string): Step[] {
  const { plan, workspaceId } = input
  const database = databaseName(workspaceId)
  const change = plan.tables.find((each) => each.dataSource === name)
  const next = required(plan.next.dataSources, name)
  const table = tableName(next.id, next.generation)
  const steps: Step[] = []
  const fill = (columns: readonly string[], select: string): void => {
    const sql = insertSelect({ database, table, columns, select })
    // The table is new and dropped as a whole when the deployment is undone.
    steps.push({ resource: resourceLabel(next.file), sql, undo: [] })
  }
  if (change !== undefined && isForwarded(change)) {
    const { columns, select } = forwardOf(input, change)
    fill(columns, select)
  }
  for (const { pipe, fill: isFilled, at } of plan.views) {
    if (at !== 'stage' || !isFilled || targetName(required(plan.next.pipes, pipe).file) !== name)
      continue
    const view = input.fillOf?.(pipe) ?? input.viewOf(pipe)
    fill(view.columns, view.select)
  }
  return steps
}

function stagedViews(input: StepInput): Step[] {
  const { tables, views } = input.plan
  return [
    ...tables.filter(isForwarded).map((each) => forwardStep(input, each)),
    ...views.filter((each) => each.at === 'stage').map((each) => viewStep(input, each.pipe)),
  ]
}

function promoteSteps(input: StepInput): Step[] {
  const { live, plan, workspaceId } = input
  const database = databaseName(workspaceId)
  const drops = Object.values(live.pipes).flatMap((pipe) => dropViewStep(input, pipe))
  const views = plan.views
    .filter((each) => each.at === 'promote')
    .map((each) => viewStep(input, each.pipe))
  // Rows that were accepted for the old table before the promotion still go there: they are carried over.
  const late = plan.tables
    .filter(
      (each) =>
        each.kind === 'rebuild' && !isForwarded(each) && forwardOf(input, each).columns.length > 0,
    )
    .map((each) => forwardStep(input, each))
  const changes = alteredPairs(live, plan.next).flatMap(({ one, other }) => {
    const names = namesOf(database, other)
    const undo = changeTable(names, other.file, one.file)
    return changeTable(names, one.file, other.file).map((sql): Step => ({
      resource: resourceLabel(other.file),
      sql,
      undo,
    }))
  })
  return [...drops, ...views, ...late, ...changes]
}

function dropViewStep(
  { workspaceId, plan, liveViewOf, live }: StepInput,
  pipe: DeployedPipe,
): Step[] {
  if (pipe.view === null) return []
  const next = Object.values(plan.next.pipes).find((each) => each.id === pipe.id)
  if (next?.view?.generation === pipe.view.generation) return []
  const database = databaseName(workspaceId)
  const view = viewName(pipe.id, pipe.view.generation)
  const undo = createViewOf(database, live, pipe, liveViewOf(pipe.file.name))
  return [{ resource: resourceLabel(pipe.file), sql: dropTable(database, view), undo: [undo] }]
}

function viewStep({ workspaceId, plan, viewOf }: StepInput, name: string): Step {
  const database = databaseName(workspaceId)
  const pipe = required(plan.next.pipes, name)
  assert(pipe.view !== null, `the plan makes a view for ${name}, the map has none`)
  return {
    resource: resourceLabel(pipe.file),
    sql: createViewOf(database, plan.next, pipe, viewOf(name)),
    undo: [dropTable(database, viewName(pipe.id, pipe.view.generation))],
  }
}

/** The CREATE of a pipe's view as a map has it. */
export function createViewOf(
  database: string,
  map: DeploymentMap,
  pipe: DeployedPipe,
  compiled: CompiledView,
): string {
  const target = required(map.dataSources, targetName(pipe.file) ?? '')
  assert(pipe.view !== null, `${pipe.file.name} has no view`)
  return createView({
    database,
    view: viewName(pipe.id, pipe.view.generation),
    target: tableName(target.id, target.generation),
    columns: columnsNamed(target, compiled.columns),
    select: compiled.select,
  })
}

/** The view that carries rows from the old table to the new one. */
function forwardStep(input: StepInput, change: TableChange): Step {
  const database = databaseName(input.workspaceId)
  const before = required(input.live.dataSources, change.dataSource)
  const next = required(input.plan.next.dataSources, change.dataSource)
  const view = forwardViewName(before.id, before.generation)
  const { columns, select } = forwardOf(input, change)
  const target = tableName(next.id, next.generation)
  return {
    resource: resourceLabel(next.file),
    sql: createView({ database, view, target, columns: columnsNamed(next, columns), select }),
    undo: [dropTable(database, view)],
  }
}

function forwardOf(
  input: StepInput,
  change: TableChange,
): { columns: readonly string[]; select: string } {
  const before = required(input.live.dataSources, change.dataSource)
  const next = required(input.plan.next.dataSources, change.dataSource)
  const use = change.fill === 'forward' ? 'query' : 'columns'
  const table = qualified(databaseName(input.workspaceId), tableName(before.id, before.generation))
  return {
    columns:
      use === 'query'
        ? input.forwardColumns(change.dataSource)
        : commonColumns(before.file, next.file),
    select: forwardSelect(before.file, next.file, table, use),
  }
}

function namesOf(database: string, { id, generation }: DeployedDataSource): TableNames {
  return {
    database,
    table: tableName(id, generation),
    quarantine: quarantineTableName(id, generation),
  }
}

function columnsNamed(target: DeployedDataSource, names: readonly string[]): Column[] {
  const wanted = new Set(names)
  return target.file.columns.filter((each) => wanted.has(each.name))
}

function required<T>(group: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(group, name) ? group[name] : undefined
  assert(found !== undefined, `not in the map: ${name}`)
  return found
}
