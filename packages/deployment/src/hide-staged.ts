// A staged deployment adds its columns to the table that is live, for a table cannot have two shapes. Whoever reads the live map has to be
// told which ones, or a `*` shows them before they are.
import type { DeployedDataSource, DeploymentMap, HiddenColumn } from './deployment-map.ts'

/**
 * The live map with the columns that a staged one adds in place to its tables; the very same map when it adds none.
 * @param staged of the deployment beside it, whatever has been done of it.
 */
export function hideStaged(live: DeploymentMap, staged: DeploymentMap): DeploymentMap {
  const others = new Map(Object.values(staged.dataSources).map((each) => [tableOf(each), each]))
  const hidden: Record<string, readonly HiddenColumn[]> = {}
  for (const [name, source] of Object.entries(live.dataSources)) {
    const other = others.get(tableOf(source))
    if (other === undefined) continue
    const own = new Set(source.file.columns.map((each) => each.name))
    const added = other.file.columns.filter((each) => !own.has(each.name))
    if (added.length > 0)
      hidden[name] = added.map((each) => ({
        name: each.name,
        isNested: each.type.startsWith('Nested('),
      }))
  }
  return Object.keys(hidden).length === 0 ? live : { ...live, hidden }
}

/** A map as it is stored: what is hidden in it hangs on what is staged beside it now. */
export function withoutHidden({ dataSources, pipes, connections }: DeploymentMap): DeploymentMap {
  return { dataSources, pipes, connections }
}

/** Columns of a data source that nobody who reads this map may see; none but while a deployment is staged. */
export function hiddenColumns({ hidden }: DeploymentMap, name: string): readonly HiddenColumn[] {
  return hidden !== undefined && Object.hasOwn(hidden, name) ? (hidden[name] ?? []) : []
}

function tableOf({ id, generation }: DeployedDataSource): string {
  return `${id}/${generation}`
}
