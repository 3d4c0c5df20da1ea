// What it takes to replace the rows of a data source at once: a new generation of it and of everything that materializations make of it,
// beside what is live. Filled, then swapped in like any deployment. Pure.
import { fillOrder } from './check-project.ts'
import type { DeployedDataSource, DeployedPipe, DeploymentMap } from './deployment-map.ts'
import { effectiveEngine } from './effective-engine.ts'
import type { DeploymentPlan, PlannedSchema, TableChange, ViewChange } from './plan.ts'
import { filesOfMap, pipeReads, targetName, type ProjectFiles } from './project-files.ts'

/** What a replacement is planned from. */
export interface ReplacementInput {
  readonly live: DeploymentMap
  /** Name of the data source. */
  readonly dataSource: string
  /** All tables are filled by their owner before the swap, so that no view is needed until then. Default false. */
  readonly isFilledApart?: boolean
  /** Numbers that no table and no frame had before. */
  readonly freshNumbers: (source: DeployedDataSource) => {
    readonly generation: number
    readonly schemaVersion: number
  }
  /** ISO-8601, UTC. */
  readonly now: string
}

/** A plan, as far as a replacement has one. */
export interface ReplacementPlan extends Pick<
  DeploymentPlan,
  'next' | 'schemas' | 'tables' | 'views'
> {
  /** Data sources that get a new generation, sources before what they feed; the replaced one first. */
  readonly replaced: readonly string[]
  /** Targets that cannot be computed anew, and why. Nothing may be carried out while there are any. */
  readonly obstacles: readonly { readonly dataSource: string; readonly message: string }[]
}

/** Plans the replacement of all rows. */
export function planReplacement(input: ReplacementInput): ReplacementPlan {
  const project = filesOfMap(input.live)
  const replaced = replacedNames(input, project)
  const isReplaced = new Set(replaced)
  const dataSources: Record<string, DeployedDataSource> = { ...input.live.dataSources }
  const schemas: PlannedSchema[] = []
  for (const name of replaced) {
    const source = dataSources[name]
    if (source === undefined) continue
    const { generation, schemaVersion } = input.freshNumbers(source)
    dataSources[name] = { ...source, generation, schemaVersion, updatedAt: input.now }
    schemas.push({
      dataSourceId: source.id,
      version: schemaVersion,
      generation,
      columns: source.file.columns,
    })
  }
  const pipes: Record<string, DeployedPipe> = {}
  const views: ViewChange[] = []
  for (const [name, pipe] of Object.entries(input.live.pipes)) {
    const view = viewChange(pipe, project, input, isReplaced)
    pipes[name] =
      view === null || pipe.view === null
        ? pipe
        : { ...pipe, view: { generation: pipe.view.generation + 1 } }
    if (view !== null) views.push(view)
  }
  const tables = replaced.map((dataSource): TableChange => {
    const fill = dataSource === input.dataSource ? 'empty' : 'recompute'
    return { dataSource, kind: 'rebuild', fill }
  })
  const next = { ...input.live, dataSources, pipes }
  return {
    next,
    schemas,
    tables,
    views,
    replaced,
    obstacles: obstacles(input, project, isReplaced),
  }
}

/** The materializations that feed a data source of this map, with the data source each of them is triggered by. */
export function feedersOf(
  live: DeploymentMap,
  target: string,
): readonly { readonly pipe: string; readonly source: string }[] {
  const project = filesOfMap(live)
  return Object.values(live.pipes)
    .filter(({ file, view }) => view !== null && targetName(file) === target)
    .map(({ file }) => ({ pipe: file.name, source: sourceOf(file, project) }))
}

function replacedNames({ dataSource }: ReplacementInput, project: ProjectFiles): string[] {
  const found = new Set([dataSource])
  const { order } = fillOrder(project)
  for (const name of order) {
    if (name === dataSource) continue
    const feeders = [...project.pipes.values()].filter((pipe) => targetName(pipe) === name)
    if (feeders.some((pipe) => found.has(sourceOf(pipe, project)))) found.add(name)
  }
  return [dataSource, ...order.filter((name) => name !== dataSource && found.has(name))]
}

function sourceOf(pipe: DeployedPipe['file'], project: ProjectFiles): string {
  return pipeReads(pipe, project).dataSources[0] ?? ''
}

function viewChange(
  { file, view }: DeployedPipe,
  project: ProjectFiles,
  { dataSource, isFilledApart = false }: ReplacementInput,
  isReplaced: ReadonlySet<string>,
): ViewChange | null {
  if (view === null) return null
  const target = targetName(file) ?? ''
  const { dataSources } = pipeReads(file, project)
  if (isReplaced.has(target) && target !== dataSource && !isFilledApart) {
    // The new generation of the data source is still empty: its rows come through the view.
    return { pipe: file.name, at: 'stage', fill: dataSources[0] !== dataSource }
  }
  // It writes to what is replaced, or it reads it beside its own source: it must meet the new table.
  const touches = isReplaced.has(target) || dataSources.some((each) => isReplaced.has(each))
  return touches ? { pipe: file.name, at: 'promote', fill: false } : null
}

function obstacles(
  { live, dataSource }: ReplacementInput,
  project: ProjectFiles,
  isReplaced: ReadonlySet<string>,
): { dataSource: string; message: string }[] {
  return [...isReplaced].flatMap((name) => {
    if (name === dataSource) return []
    return feedersOf(live, name).flatMap(({ pipe, source }) => {
      const file = project.dataSources.get(source)
      if (isReplaced.has(source) || file === undefined || effectiveEngine(file).type !== 'Null')
        return []
      const message = `${name} cannot be computed anew: ${pipe} feeds it from ${source}, which keeps no rows`
      return [{ dataSource: name, message }]
    })
  })
}
