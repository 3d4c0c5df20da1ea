import type { Catalog } from '@sandpiper/catalog'

/** Tells which data sources, by id, were ever given rows directly. @throws faults of the catalog. */
export async function receivers(
  catalog: Pick<Catalog, 'writerState'>,
): Promise<(dataSourceId: string) => boolean> {
  const { progress } = await catalog.writerState()
  const ids = new Set(progress.map((each) => each.dataSourceId))
  return (id) => ids.has(id)
}
