// What a node would be as a materialization: its SQL with states, the data source it would fill, and how an endpoint reads that. What is
// suggested has been deployed for a check, beside all that is live; a node that cannot be materialized is refused with the reason.
import { querySettings, type Gate } from '@sandpiper/clickhouse'
import { printDatafile, type DataSourceFile, type PipeFile } from '@sandpiper/datafile'
import {
  effectiveEngine,
  feedersOf,
  findDataSource,
  type DeployedPipe,
  type DeploymentMap,
  type DescribedColumn,
} from '@sandpiper/deployment'
import { Fault, fault } from '@sandpiper/faults'
import { compilePipe, nodeDependencies, translateError } from '@sandpiper/pipes'
import { quoteIdentifier } from '@sandpiper/sql'

import type { ApiDeps } from '../api-deps.ts'
import type { Deployer } from '../deployments/deployer.ts'
import { scopeOfView } from '../deployments/scratch-check.ts'
import { aggregateNames, type Canonical } from './aggregate-names.ts'
import { suggestTarget } from './suggest-target.ts'
import { withStates, type StateColumn } from './with-states.ts'

/** Which node, of what is live. */
export interface NodeToAnalyse {
  readonly workspaceId: string
  readonly map: DeploymentMap
  readonly pipe: DeployedPipe
  readonly node: string
  /** A data source to fill: a live one, or the name of one to make; null: a free name. */
  readonly dataSource: string | null
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal
}

/** What is suggested. */
export interface NodeAnalysis {
  readonly dataSource: DataSourceFile
  /** It is there already. */
  readonly isLive: boolean
  readonly pipe: PipeFile
  /** What reads the data source as the node reads its source. */
  readonly endpointSql: string
  readonly warnings: readonly string[]
}

type Needs = Pick<ApiDeps, 'clickhouse' | 'config' | 'querySlots'> & {
  readonly gate: Gate
  readonly deployer: Pick<Deployer, 'deploy'>
}

/** @throws fault `request.invalid` for a node that cannot be materialized | `request.conflict` beside a staged deployment | those of compiling it. */
export async function analyseNode(deps: Needs, wanted: NodeToAnalyse): Promise<NodeAnalysis> {
  const { map, pipe } = wanted
  const nodes = neededNodes(pipe.file, wanted.node)
  const last = nodes.at(-1)
  if (last === undefined) throw cannot('there is no such node')
  const canonical = await aggregateNames(deps.clickhouse)
  refuseWholes(nodes.slice(0, -1), canonical)
  const rewritten = withStates(last.sql, canonical)
  if (rewritten.problem !== null) throw cannot(rewritten.problem)
  const name = wanted.dataSource ?? freeName(map, `${pipe.file.name}_mv`)
  const file: PipeFile = {
    ...{ kind: 'pipe', name: freeName(map, `${name}_pipe`), settings: {} },
    ...{ description: null, tokens: [], tags: null },
    nodes: [
      ...nodes.slice(0, -1).map((each) => ({ ...each, type: 'standard' as const, settings: {} })),
      {
        ...{ name: freeNode(nodes, 'materialized'), description: null, sql: rewritten.sql },
        ...{ type: 'materialized', settings: { DATASOURCE: name } },
      },
    ],
  }
  const live = findDataSource(map, name)
  const described = await describe(deps, wanted, file)
  const dataSource =
    live?.file ??
    suggestTarget({
      ...{ name, described, states: rewritten.columns },
      sourceKey: sourceKeyOf(map, name, file),
    })
  const warnings = await tried(deps, wanted, live === undefined ? [dataSource, file] : [file])
  return {
    ...{ dataSource, pipe: file, isLive: live !== undefined },
    endpointSql: endpointSql(name, described, rewritten.columns),
    warnings: [...rewritten.warnings, ...warnings],
  }
}

/** The node, and before it those of its pipe that it reads. */
function neededNodes({ nodes }: PipeFile, name: string): PipeFile['nodes'] {
  const at = nodes.findIndex((each) => each.name === name)
  const needed = new Set([name])
  for (const node of nodes.slice(0, at + 1).toReversed()) {
    if (!needed.has(node.name)) continue
    if (node.sql.trimStart().startsWith('%'))
      throw cannot(
        `the node ${node.name} is a template, and a materialization has no parameters: write it without them`,
      )
    for (const each of nodeDependencies(node)) needed.add(each)
  }
  return nodes.slice(0, at + 1).filter((each) => needed.has(each.name))
}

/** A node below that aggregates would do so for each load alone. */
function refuseWholes(nodes: PipeFile['nodes'], canonical: Canonical): void {
  for (const { name, sql } of nodes) {
    const below = withStates(sql, canonical)
    if (below.problem === null && below.columns === null && below.warnings.length === 0) continue
    throw cannot(
      `it reads the node ${name}, which looks at all rows at once: materialize ${name} instead`,
    )
  }
}

async function describe(
  { clickhouse, config, gate, querySlots }: Needs,
  { workspaceId, map, signal }: NodeToAnalyse,
  file: PipeFile,
): Promise<DescribedColumn[]> {
  const pipe: DeployedPipe = {
    ...{ file, id: `t_${'0'.repeat(32)}`, view: null, createdAt: '', updatedAt: '' },
    nodeIds: file.nodes.map((_, index) => `t_${index}`),
  }
  const next = { ...map, pipes: { ...map.pipes, [file.name]: pipe } }
  const node = file.nodes.at(-1)?.name ?? ''
  const compiled = compilePipe(scopeOfView(workspaceId, next), { pipe: file.name, node })
  // A place as a query has: scalar subqueries are run.
  const giveBack = await querySlots?.take(workspaceId, signal)
  try {
    await gate.check(compiled, signal)
    const rows = await clickhouse.rows<DescribedColumn>({
      sql: `DESCRIBE TABLE (${compiled.sql}\n)`,
      params: compiled.params,
      settings: querySettings({
        timeoutSeconds: config.queryTimeoutSeconds,
        resultBytesMax: config.resultBytesMax,
      }),
      signal,
    })
    return rows.map(({ name, type }) => ({ name, type }))
  } catch (err) {
    if (!(err instanceof Fault) || err.code !== 'query.failed') throw err
    throw cannot(translateError(err.details.public, compiled.userNames))
  } finally {
    giveBack?.()
  }
}

function sourceKeyOf(map: DeploymentMap, target: string, file: PipeFile): string | null {
  const view = { generation: 1 }
  const pipe = { file, view, id: '', nodeIds: [], createdAt: '', updatedAt: '' }
  const next = { ...map, pipes: { ...map.pipes, [file.name]: pipe } }
  const source = feedersOf(next, target).find((each) => each.pipe === file.name)?.source
  const from = source === undefined ? undefined : map.dataSources[source]
  return from === undefined ? null : effectiveEngine(from.file).sortingKey
}

/** Deploys for a check only. @returns warnings. @throws fault `request.invalid` with the first error. */
async function tried(
  { deployer }: Needs,
  { workspaceId }: NodeToAnalyse,
  files: readonly (DataSourceFile | PipeFile)[],
): Promise<string[]> {
  const outcome = await deployer.deploy({
    ...{ workspaceId, kind: 'deploy', onto: { removed: [] } },
    files: files.map((each) => ({
      filename: `${each.name}.${each.kind}`,
      text: printDatafile(each),
    })),
    ...{ check: true, autoPromote: false, allowDestructive: false },
  })
  const errors = [
    ...outcome.errors.map(({ error }) => error),
    ...outcome.feedback.filter(({ level }) => level === 'ERROR').map(({ message }) => message),
  ]
  const [first] = errors
  if (first !== undefined) throw cannot(first)
  const ours = new Set(files.map(({ name }) => name))
  return outcome.feedback
    .filter(({ level, resource }) => level === 'WARNING' && isAbout(resource, ours))
    .map(({ message }) => message)
}

function isAbout(resource: string | null, names: ReadonlySet<string>): boolean {
  return [...names].some((name) => resource?.includes(` ${name}.`) === true)
}

function endpointSql(
  dataSource: string,
  described: readonly DescribedColumn[],
  states: readonly StateColumn[] | null,
): string {
  if (states === null)
    return `SELECT ${described.map(({ name }) => quoteIdentifier(name)).join(', ')}\nFROM ${dataSource}`
  const columns = states.map(({ name, merged }) =>
    merged === null ? quoteIdentifier(name) : `${merged} AS ${quoteIdentifier(name)}`,
  )
  const dimensions = states.filter(({ merged }) => merged === null)
  const groups = dimensions.map(({ name }) => quoteIdentifier(name)).join(', ')
  const grouped = groups === '' ? '' : `\nGROUP BY ${groups}`
  return `SELECT ${columns.join(', ')}\nFROM ${dataSource}${grouped}`
}

function freeName(map: DeploymentMap, wanted: string): string {
  const taken = new Set([...Object.keys(map.dataSources), ...Object.keys(map.pipes)])
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`
  return name
}

function freeNode(nodes: PipeFile['nodes'], wanted: string): string {
  const taken = new Set(nodes.map(({ name }) => name))
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`
  return name
}

function cannot(why: string): Fault {
  return fault('request.invalid', { public: `The node cannot be materialized: ${why}.` })
}
