// From where events come to where they are seen, as one graph. Pure.
import type { PipeBody } from '@sandpiper/contracts'

/** Answer of `GET /v0/dependencies`. */
export interface Dependencies {
  nodes: readonly { id: string; name: string; type: 'pipe' | 'datasource' }[]
  edges: readonly { from: string; to: string; type: 'reads' | 'fills' }[]
}

export interface Loads {
  name: string
  event: string
  pipe: string
  rows: number
  quarantined: number
  errors: number
}

export interface Requests {
  name: string
  requests: number
  errors: number
  /** Seconds. */
  p95: number
}

/** Of the last day. */
export interface Rates {
  loads: readonly Loads[]
  requests: readonly Requests[]
}

export interface DashboardPipes {
  id: string
  name: string
  pipes: readonly string[]
}

export const KINDS = {
  source: 'Source',
  'data source': 'Data source',
  service: 'Service data source',
  pipe: 'Pipe',
  materialization: 'Materialization',
  copy: 'Copy',
  endpoint: 'Endpoint',
  dashboard: 'Dashboard',
} as const

export type Kind = keyof typeof KINDS

export interface LineageNode {
  id: string
  kind: Kind
  name: string
  /** Below the place; undefined when it has no page. */
  path?: string
  rows?: number
  quarantined?: number
  requests?: number
  errors?: number
  p95?: number
}

export interface LineageEdge {
  from: string
  to: string
  /** Rows or requests of the last day. */
  rows?: number
  requests?: number
  /** Share of what went through that failed, or landed in quarantine. */
  failed?: number
}

export interface LineageGraph {
  nodes: readonly LineageNode[]
  edges: readonly LineageEdge[]
}

export interface LineageParts {
  dependencies: Dependencies
  pipes: readonly PipeBody[]
  dashboards: readonly DashboardPipes[]
  rates: Rates | undefined
}

const SOURCES: Readonly<Record<string, string>> = {
  'append-hfi': 'Events API',
  append: 'Imports',
  replace: 'Imports',
}

export function lineageGraph({
  dependencies,
  pipes,
  dashboards,
  rates,
}: LineageParts): LineageGraph {
  const kinds = new Map(pipes.map((pipe) => [pipe.name, kindOf(pipe)]))
  const requests = new Map(rates?.requests.map((each) => [each.name, each]))
  const nodes = new Map<string, LineageNode>()
  for (const { name, type } of dependencies.nodes) {
    const node =
      type === 'datasource'
        ? dataSourceNode(name, rates)
        : pipeNode(name, kinds.get(name) ?? 'pipe', requests.get(name))
    nodes.set(name, node)
  }
  const known = (name: string): string => {
    const owner = name.replace(/_quarantine$/, '')
    if (nodes.has(name)) return name
    if (nodes.has(owner)) return owner
    nodes.set(name, { id: name, kind: 'service', name })
    return name
  }
  const edges = dependencies.edges.map((edge): LineageEdge => {
    const [from, to] = [known(edge.from), known(edge.to)]
    return { from, to, ...flowOf(edge.type, from, to, { nodes, rates }) }
  })
  return {
    nodes: [...nodes.values(), ...sourceNodes(rates, nodes), ...dashboards.map(dashboardNode)],
    edges: unique([...sourceEdges(rates, nodes), ...edges, ...dashboardEdges(dashboards, nodes)]),
  }
}

/** Only what feeds a node and what it feeds. */
export function around({ nodes, edges }: LineageGraph, focus: string): LineageGraph {
  const kept = new Set([
    ...reach(focus, edges, ({ from, to }) => [from, to]),
    ...reach(focus, edges, ({ from, to }) => [to, from]),
  ])
  return {
    nodes: nodes.filter(({ id }) => kept.has(id)),
    edges: edges.filter(({ from, to }) => kept.has(from) && kept.has(to)),
  }
}

function reach(
  start: string,
  edges: readonly LineageEdge[],
  direction: (edge: LineageEdge) => [string, string],
): ReadonlySet<string> {
  const next = new Map<string, string[]>()
  for (const edge of edges) {
    const [here, there] = direction(edge)
    next.set(here, [...(next.get(here) ?? []), there])
  }
  const seen = new Set([start])
  const open = [start]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const each of next.get(at) ?? []) {
      if (seen.has(each)) continue
      seen.add(each)
      open.push(each)
    }
  }
  return seen
}

function kindOf({ type, endpoint }: PipeBody): Kind {
  if (type === 'copy') return 'copy'
  if (type === 'materialized') return 'materialization'
  return endpoint === null ? 'pipe' : 'endpoint'
}

function dataSourceNode(name: string, rates: Rates | undefined): LineageNode {
  const path = `data-sources/${encodeURIComponent(name)}`
  const loads = rates?.loads.filter((each) => each.name === name)
  if (loads === undefined) return { id: name, kind: 'data source', name, path }
  const sum = (of: (load: Loads) => number): number =>
    loads.reduce((all, each) => all + of(each), 0)
  return {
    ...{ id: name, kind: 'data source', name, path },
    rows: sum(({ rows }) => rows),
    quarantined: sum(({ quarantined }) => quarantined),
    errors: sum(({ errors }) => errors),
  }
}

function pipeNode(name: string, kind: Kind, stats: Requests | undefined): LineageNode {
  const area = kind === 'endpoint' ? 'endpoints' : 'pipes'
  return {
    ...{ id: name, kind, name, path: `${area}/${encodeURIComponent(name)}` },
    ...(stats === undefined || kind !== 'endpoint'
      ? {}
      : { requests: stats.requests, errors: stats.errors, p95: stats.p95 }),
  }
}

/** Into an endpoint go its requests, into a data source rows. */
function flowOf(
  type: 'reads' | 'fills',
  from: string,
  to: string,
  { nodes, rates }: { nodes: ReadonlyMap<string, LineageNode>; rates: Rates | undefined },
): Partial<LineageEdge> {
  if (type === 'fills') {
    const loads = rates?.loads.filter(({ name, pipe }) => name === to && pipe === from) ?? []
    return loads.length === 0 ? {} : { rows: loads.reduce((all, { rows }) => all + rows, 0) }
  }
  const reader = nodes.get(to)
  if (reader?.requests === undefined) return {}
  return { requests: reader.requests, failed: ratio(reader.errors ?? 0, reader.requests) }
}

function sourceNodes(rates: Rates | undefined, known: ReadonlyMap<string, unknown>): LineageNode[] {
  const names = new Set(
    (rates?.loads ?? [])
      .filter(({ name }) => known.has(name))
      .flatMap(({ event }) => SOURCES[event] ?? []),
  )
  return [...names].map((name) => ({ id: `source:${name}`, kind: 'source', name }))
}

function sourceEdges(rates: Rates | undefined, known: ReadonlyMap<string, unknown>): LineageEdge[] {
  return (rates?.loads ?? []).flatMap(({ name, event, rows, quarantined }) => {
    const source = SOURCES[event]
    if (source === undefined || !known.has(name)) return []
    const failed = ratio(quarantined, rows + quarantined)
    return [{ from: `source:${source}`, to: name, rows, failed }]
  })
}

function dashboardNode({ id, name }: DashboardPipes): LineageNode {
  return { id: `dashboard:${id}`, kind: 'dashboard', name, path: `dashboards/${id}` }
}

function dashboardEdges(
  dashboards: readonly DashboardPipes[],
  known: ReadonlyMap<string, unknown>,
): LineageEdge[] {
  return dashboards.flatMap(({ id, pipes }) =>
    [...new Set(pipes)]
      .filter((pipe) => known.has(pipe))
      .map((pipe) => ({ from: pipe, to: `dashboard:${id}` })),
  )
}

/** One edge between two nodes: imports and replacements come from the same source. */
function unique(edges: readonly LineageEdge[]): LineageEdge[] {
  const byEnds = new Map<string, LineageEdge>()
  for (const edge of edges) {
    const key = JSON.stringify([edge.from, edge.to])
    const before = byEnds.get(key)
    const rows = (before?.rows ?? 0) + (edge.rows ?? 0)
    byEnds.set(
      key,
      before === undefined ? edge : { ...before, ...edge, ...(rows > 0 ? { rows } : {}) },
    )
  }
  return [...byEnds.values()]
}

function ratio(part: number, all: number): number {
  return all === 0 ? 0 : part / all
}
