// Which tables a batch reaches, and which tables may not be loaded at the same time.
// A lane is a connected component of tables joined by materialized views: two data sources that feed one target are one
// lane, because their batches could not be told apart in that target after a crash (engine-facts, trap 4).

/** A table of a workspace as the engine knows it, with the materialized views that read it. */
export interface Table {
  readonly name: string
  /** e.g. `ReplacingMergeTree`, `Null`. */
  readonly engine: string
  readonly views: readonly View[]
}

export interface View {
  readonly name: string
  /** Its SELECT as the engine prints it: every table qualified with its database. */
  readonly select: string
  readonly target: string
}

/** The tables of one workspace's database, by name. */
export interface Topology {
  readonly database: string
  readonly tables: ReadonlyMap<string, Table>
  /** Names of its materialized views. */
  readonly views: ReadonlySet<string>
}

/** One table that a batch reaches, with the views that bring rows to it (none for the table the batch is loaded into). */
export interface Target {
  readonly table: Table
  readonly feeds: readonly Feed[]
}

export interface Feed {
  readonly source: string
  readonly view: View
}

/** Tables that a load of `root` writes to, sources before what they feed. Empty when the table is unknown. */
export function targetsOf(topology: Topology, root: string): Target[] {
  const feeds = new Map<string, Feed[]>()
  const order: Table[] = []
  const seen = new Set<string>()
  const visit = (name: string): void => {
    const table = topology.tables.get(name)
    if (table === undefined || seen.has(name)) return
    seen.add(name)
    for (const view of table.views) {
      feeds.set(view.target, [...(feeds.get(view.target) ?? []), { source: name, view }])
      visit(view.target)
    }
    order.unshift(table)
  }
  visit(root)
  return order.map((table) => ({
    table,
    feeds: table.name === root ? [] : (feeds.get(table.name) ?? []),
  }))
}

/**
 * True when one insert reaches a table along several ways. Its blocks then come from several views in an order of the engine's
 * own, so a half done insert could not be read from block numbers: such batches are placed target by target.
 */
export function hasDiamond(targets: readonly Target[]): boolean {
  return targets.some((target) => target.feeds.length > 1)
}

/** Every table of the lane that `table` belongs to, sorted; just itself when nothing is joined to it. */
export function laneOf(topology: Topology, table: string): string[] {
  const neighbours = new Map<string, Set<string>>()
  const join = (one: string, other: string): void => {
    neighbours.set(one, (neighbours.get(one) ?? new Set()).add(other))
  }
  for (const source of topology.tables.values()) {
    for (const view of source.views) {
      join(source.name, view.target)
      join(view.target, source.name)
    }
  }
  const lane = new Set([table])
  for (const member of lane) {
    for (const other of neighbours.get(member) ?? []) lane.add(other)
  }
  return [...lane].sort()
}
