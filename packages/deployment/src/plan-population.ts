// What it takes to fill the target of a materialized pipe from what its source holds: a new generation of the target, and of everything that
// is computed from it, beside what is live. Pure.
import { fillOrder } from './check-project.ts'
import type { DeployedDataSource, DeployedPipe, DeploymentMap } from './deployment-map.ts'
import { effectiveEngine } from './effective-engine.ts'
import type { PlannedSchema, TableChange, ViewChange } from './plan.ts'
import { feedersOf, type ReplacementInput, type ReplacementPlan } from './plan-replacement.ts'
import { filesOfMap, pipeReads, targetName } from './project-files.ts'

/** What a population is planned from. */
export interface PopulationInput extends Pick<ReplacementInput, 'live' | 'freshNumbers' | 'now'> {
  /** Name of a materialized pipe. */
  readonly pipe: string
  /** The rows that the target has go; what all of its materializations give is computed anew. Otherwise what this pipe gives is added. */
  readonly truncate: boolean
  /** Whether a data source was given rows directly: no query over another gives them again. Default: none was. */
  readonly receivesRows?: (dataSourceId: string) => boolean
}

/** Plans a population. `replaced` begins with the target. */
export function planPopulation(input: PopulationInput): ReplacementPlan {
  const { live, truncate } = input
  const pipe = live.pipes[input.pipe]
  const target = (pipe === undefined ? null : targetName(pipe.file)) ?? ''
  const replaced = behind(live, target)
  const isReplaced = new Set(replaced)
  const dataSources: Record<string, DeployedDataSource> = { ...live.dataSources }
  const schemas: PlannedSchema[] = []
  for (const name of replaced) {
    const source = dataSources[name]
    if (source === undefined) continue
    const numbers = input.freshNumbers(source)
    dataSources[name] = { ...source, ...numbers, updatedAt: input.now }
    const { generation, schemaVersion: version } = numbers
    schemas.push({ dataSourceId: source.id, version, generation, columns: source.file.columns })
  }
  const pipes: Record<string, DeployedPipe> = {}
  const views: ViewChange[] = []
  for (const [name, each] of Object.entries(live.pipes)) {
    const change = viewChange(live, each, { ...input, target, isReplaced })
    pipes[name] =
      change === null || each.view === null
        ? each
        : { ...each, view: { generation: each.view.generation + 1 } }
    if (change !== null) views.push(change)
  }
  const tables = replaced.map((dataSource): TableChange => {
    const isKept = dataSource === target && !truncate
    return { dataSource, kind: 'rebuild', fill: isKept ? 'copy' : 'recompute' }
  })
  const obstacles = [
    ...obstaclesOf(live, views, target),
    ...(truncate ? [] : replaced.slice(1).flatMap((name) => lossesOf(input, name))),
  ]
  return { next: { ...live, dataSources, pipes }, schemas, tables, views, replaced, obstacles }
}

/** The target and what materializations make of it, sources before what they feed. */
function behind(live: DeploymentMap, target: string): string[] {
  const found = new Set([target])
  for (const name of fillOrder(filesOfMap(live)).order)
    if (feedersOf(live, name).some(({ source }) => found.has(source))) found.add(name)
  return [...found]
}

function viewChange(
  live: DeploymentMap,
  { file, view }: DeployedPipe,
  given: {
    readonly pipe: string
    readonly truncate: boolean
    readonly target: string
    readonly isReplaced: ReadonlySet<string>
  },
): ViewChange | null {
  if (view === null) return null
  const to = targetName(file) ?? ''
  if (given.isReplaced.has(to)) {
    // Another feeder's rows are in the copy of a target that is kept.
    const isFilled = to !== given.target || given.truncate || file.name === given.pipe
    return { pipe: file.name, at: isFilled ? 'stage' : 'promote', fill: isFilled }
  }
  const { dataSources } = pipeReads(file, filesOfMap(live))
  const touches = dataSources.some((each) => given.isReplaced.has(each))
  return touches ? { pipe: file.name, at: 'promote', fill: false } : null
}

function obstaclesOf(
  live: DeploymentMap,
  views: readonly ViewChange[],
  target: string,
): { dataSource: string; message: string }[] {
  return views.flatMap(({ pipe, fill }) => {
    const file = live.pipes[pipe]?.file
    if (!fill || file === undefined) return []
    const dataSource = targetName(file) ?? target
    const source = feedersOf(live, dataSource).find((each) => each.pipe === pipe)?.source ?? ''
    const from = live.dataSources[source]?.file
    if (from === undefined || effectiveEngine(from).type !== 'Null') return []
    const message = `${dataSource} cannot be filled: ${pipe} feeds it from ${source}, which keeps no rows`
    return [{ dataSource, message }]
  })
}

/** What is behind a target that is only added to is computed anew all the same: nobody asked for that to take anything away. */
function lossesOf(
  { live, receivesRows }: PopulationInput,
  dataSource: string,
): { dataSource: string; message: string }[] {
  const { id } = live.dataSources[dataSource] ?? {}
  const advice = 'truncate=true does so'
  const losses = feedersOf(live, dataSource).flatMap(({ source }) => {
    const from = live.dataSources[source]?.file
    if (from === undefined || effectiveEngine(from).ttl === null) return []
    return [
      `${dataSource} would lose what it has of rows that ${source} let go by its TTL; ${advice}`,
    ]
  })
  if (id !== undefined && receivesRows?.(id) === true)
    losses.push(`${dataSource} would lose the rows that were appended to it directly; ${advice}`)
  return losses.map((message) => ({ dataSource, message }))
}
