// GET /v0/dependencies: what reads what, as far as the token may see it.
import { fault } from '@sandpiper/faults'
import { dependencyGraph, reachable, type GraphNode } from '@sandpiper/pipes'
import { mayReadDataSource, mayReadPipe, resourceDenied, type Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { seesNames } from '../../query/authority.ts'

type Graph = ReadonlyMap<string, GraphNode>

/** Adds the route. */
export function dependencyRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/dependencies', async (c) => {
    const principal = await authorizeRequest(c, deps)
    const { map } = await deps.catalog.liveMap(principal.workspaceId)
    const graph = visible(dependencyGraph(map), principal)
    return c.json(body(graph, chosen(c, graph, principal)))
  })
}

/** Resources of others are not there, and neither is a name that leads to one. */
function visible(graph: Graph, principal: Principal): Graph {
  const seen = new Map(
    [...graph].filter(([, { kind, id }]) =>
      kind === 'pipe' ? mayReadPipe(principal, id) : mayReadDataSource(principal, id).allowed,
    ),
  )
  const isSeen = (name: string): boolean =>
    seesNames(principal) ||
    seen.has(name) ||
    seen.get(name.replace(/_quarantine$/, ''))?.kind === 'datasource'
  const cut = [...seen].map(([name, node]): [string, GraphNode] => [
    name,
    {
      ...node,
      reads: node.reads.filter(isSeen),
      fills: node.fills !== null && isSeen(node.fills) ? node.fills : null,
    },
  ])
  return new Map(cut)
}

/** Which names the query asks for: of pipes with what they read, of data sources with what reads or fills them. */
function chosen(c: Context<ApiEnv>, graph: Graph, principal: Principal): ReadonlySet<string> {
  const pipes = listed(c, 'pipe', graph, principal)
  const sources = listed(c, 'datasource', graph, principal)
  const isDeep = c.req.query('recursive') === 'true'
  const asked = pipes.length + sources.length > 0
  const below = (name: string): readonly string[] => graph.get(name)?.reads ?? []
  const above = (name: string): readonly string[] =>
    [...graph.values()]
      .filter((each) => each.reads.includes(name) || each.fills === name)
      .map((each) => each.name)
  const names = asked
    ? new Set([...spread(pipes, below, isDeep), ...spread(sources, above, isDeep)])
    : new Set(graph.keys())
  const match = c.req.query('match') ?? ''
  const isFree = c.req.query('no_deps') === 'true'
  return new Set(
    [...names].filter((name) => name.includes(match) && (!isFree || above(name).length === 0)),
  )
}

function spread(
  names: readonly string[],
  next: (name: string) => readonly string[],
  isDeep: boolean,
): ReadonlySet<string> {
  return isDeep ? reachable(names, next) : new Set([...names, ...names.flatMap(next)])
}

/** `pipe=a`, `pipe=a&pipe=b` and `pipes=a,b`, by name or id. @throws as for a resource that is not there. */
function listed(
  c: Context<ApiEnv>,
  kind: GraphNode['kind'],
  graph: Graph,
  principal: Principal,
): string[] {
  const asked = [...(c.req.queries(kind) ?? []), ...(c.req.queries(`${kind}s`) ?? [])]
  return asked
    .flatMap((each) => each.split(','))
    .filter((each) => each !== '')
    .map((nameOrId) => {
      const node = graph.get(nameOrId) ?? [...graph.values()].find(({ id }) => id === nameOrId)
      if (node?.kind === kind) return node.name
      if (!seesNames(principal)) throw resourceDenied(nameOrId)
      throw fault('resource.missing', {
        public: `The ${kind} '${nameOrId.slice(0, 300)}' does not exist`,
      })
    })
}

/**
 * `dependencies` is what each reads, in the shape of Classic; nodes and edges say it for graphs.
 * Source: parameters of the Classic command line, read 2026-11; the shape of the answer beside `dependencies` is ours.
 */
function body(graph: Graph, names: ReadonlySet<string>): Record<string, unknown> {
  const shown = [...graph.values()].filter(({ name }) => names.has(name))
  return {
    dependencies: Object.fromEntries(shown.map(({ name, reads }) => [name, reads])),
    nodes: shown.map(({ id, name, kind }) => ({ id, name, type: kind })),
    edges: shown.flatMap(({ name, reads, fills }) => [
      ...reads.map((read) => ({ from: read, to: name, type: 'reads' })),
      ...(fills === null ? [] : [{ from: name, to: fills, type: 'fills' }]),
    ]),
  }
}
