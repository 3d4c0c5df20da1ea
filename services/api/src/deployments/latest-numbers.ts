import type { Catalog } from '@sandpiper/catalog'
import type { DeploymentMap } from '@sandpiper/deployment'

/** Highest schema version and generation ever given out, per data source id. */
export interface LatestNumbers {
  readonly latestVersions: ReadonlyMap<string, number>
  readonly latestGenerations: ReadonlyMap<string, number>
}

/** Asks for the numbers of every data source of a map. @throws faults of the catalog. */
export async function latestNumbers(
  { catalog }: { readonly catalog: Pick<Catalog, 'latestSchemaVersion' | 'schema'> },
  map: DeploymentMap,
): Promise<LatestNumbers> {
  const found = await Promise.all(
    Object.values(map.dataSources).map(async ({ id }) => {
      const version = await catalog.latestSchemaVersion(id)
      // Every new generation comes with a version of its own, so the latest version knows the latest generation.
      return { id, version, generation: (await catalog.schema(id, version))?.generation ?? 0 }
    }),
  )
  return {
    latestVersions: new Map(found.map((each) => [each.id, each.version])),
    latestGenerations: new Map(found.map((each) => [each.id, each.generation])),
  }
}
