// What has to be computed and what has to be moved so that a view gets batches it lacks. Pure.
// Views are replaced by deployments: the one that stands in a failed one's place, between the same tables, takes its batches.
import type { MissingBatch, SchemaVersion } from '@sandpiper/catalog'
import { type Feed, type Table, type Target, targetsOf, type Topology } from './lanes.ts'
import type { MissingDetails } from './missing.ts'

export interface RepairPlan {
  readonly root: string
  /** Tables whose blocks are only computed, sources first, each with the feeds that had brought the batch to it; the root first. */
  readonly upstream: readonly Target[]
  /** The view's target and what lies behind it: computed and moved. */
  readonly moved: readonly Target[]
  /** The feed that lacked the batches. */
  readonly feed: Feed
}

/** The plan, or null when a table or view on the way is gone: then the rows are in no table that is left, or were computed anew. */
export function planRepair(
  topology: Topology,
  schema: SchemaVersion,
  missing: MissingBatch,
): RepairPlan | null {
  const details = missing.details as MissingDetails
  const root = currentTable(topology, details.root)
  const source = currentTable(topology, details.source)
  if (root === null || source === null || schema.dataSourceId !== missing.dataSourceId) return null
  const view = source.views.find(
    (each) => isSuccessor(each.name, missing.view) && each.target === details.target,
  )
  const targets = targetsOf(topology, root.name)
  if (view === undefined || !targets.some(({ table }) => table.name === view.target)) return null
  const wanted = details.feeds
  const upstream: Target[] = []
  const found = new Set<string>()
  for (const { table, feeds } of targets) {
    const used = feeds.filter((feed) => wanted.some((name) => isSuccessor(feed.view.name, name)))
    if (table.name !== root.name && used.length === 0) continue
    for (const feed of used) found.add(pipeOf(feed.view.name))
    upstream.push({ table, feeds: used })
  }
  if (wanted.some((name) => !found.has(pipeOf(name)))) return null
  const feed = { source: source.name, view }
  return { root: root.name, upstream, moved: behind(topology, targets, feed), feed }
}

/** The target of the feed and all that is fed by it, each with the feeds that carry its rows on. */
function behind(topology: Topology, targets: readonly Target[], feed: Feed): Target[] {
  const reached = new Set(targetsOf(topology, feed.view.target).map(({ table }) => table.name))
  return targets
    .filter(({ table }) => reached.has(table.name))
    .map(({ table, feeds }) => ({
      table,
      feeds:
        table.name === feed.view.target
          ? [feed]
          : feeds.filter(({ source }) => reached.has(source)),
    }))
}

/** The table, or the newest generation of it when it was built anew. */
function currentTable(topology: Topology, name: string): Table | null {
  const same = topology.tables.get(name)
  if (same !== undefined) return same
  const id = /^(t_[0-9a-f]{32})_\d+$/.exec(name)?.[1]
  if (id === undefined) return null
  const generations = [...topology.tables.values()].filter((table) => {
    const [, found] = /^(t_[0-9a-f]{32})_\d+$/.exec(table.name) ?? []
    return found === id
  })
  return generations.length === 1 ? (generations[0] ?? null) : null
}

function isSuccessor(name: string, former: string): boolean {
  return name === former || pipeOf(name) === pipeOf(former)
}

/** `<pipe id>` of `<pipe id>_<generation>_view`; a name of another form stands for itself. */
function pipeOf(view: string): string {
  return /^(.+)_\d+_view$/.exec(view)?.[1] ?? view
}
