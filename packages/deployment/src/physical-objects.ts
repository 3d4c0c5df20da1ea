// What a map has inside ClickHouse. Cleaning up, undoing and recovering are all differences between two maps: nothing about
// them has to be remembered beside the maps, so a crash cannot make them forget.
import type { DeployedDataSource, DeploymentMap } from './deployment-map.ts'
import { forwardViewName, quarantineTableName, tableName, viewName } from './table-names.ts'

/** One table or view of a map. Views are dropped before tables. */
export interface PhysicalObject {
  readonly name: string
  readonly kind: 'view' | 'table'
}

/** Every table and view a map needs. */
export function physicalObjects(map: DeploymentMap): PhysicalObject[] {
  const tables = Object.values(map.dataSources).flatMap(({ id, generation }): PhysicalObject[] => [
    { name: tableName(id, generation), kind: 'table' },
    { name: quarantineTableName(id, generation), kind: 'table' },
  ])
  const views = Object.values(map.pipes).flatMap(({ id, view }): PhysicalObject[] =>
    view === null ? [] : [{ name: viewName(id, view.generation), kind: 'view' }],
  )
  return [...views, ...tables]
}

/**
 * What `map` has that `kept` has not, views first; with the forward views between their generations of a data source, which
 * always hang on the older one.
 */
export function objectsOnlyIn(map: DeploymentMap, kept: DeploymentMap): PhysicalObject[] {
  const needed = new Set(physicalObjects(kept).map((each) => each.name))
  const others = physicalObjects(map).filter((each) => !needed.has(each.name))
  const forwards = generationPairs(map, kept).map(({ one, other }): PhysicalObject => {
    const name = forwardViewName(one.id, Math.min(one.generation, other.generation))
    return { name, kind: 'view' }
  })
  return [...forwards, ...others]
}

/** Data sources that both maps have, in different generations. */
export function generationPairs(
  one: DeploymentMap,
  other: DeploymentMap,
): { readonly one: DeployedDataSource; readonly other: DeployedDataSource }[] {
  const byId = new Map(Object.values(other.dataSources).map((each) => [each.id, each]))
  return Object.values(one.dataSources).flatMap((each) => {
    const match = byId.get(each.id)
    return match !== undefined && match.generation !== each.generation
      ? [{ one: each, other: match }]
      : []
  })
}

/** Data sources that both maps have, in the same table but by different files. */
export function alteredPairs(
  one: DeploymentMap,
  other: DeploymentMap,
): { readonly one: DeployedDataSource; readonly other: DeployedDataSource }[] {
  const byId = new Map(Object.values(other.dataSources).map((each) => [each.id, each]))
  return Object.values(one.dataSources).flatMap((each) => {
    const match = byId.get(each.id)
    return match?.generation === each.generation ? [{ one: each, other: match }] : []
  })
}
