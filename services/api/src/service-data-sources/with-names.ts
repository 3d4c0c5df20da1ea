import type { Catalog } from '@sandpiper/catalog'
import type { DeploymentMap } from '@sandpiper/deployment'
import type { OpsRow } from '@sandpiper/telemetry'

/**
 * Rows with the names of their data sources, which are those of this moment. Never rejects: what has a name keeps it, and what is
 * gone, or cannot be looked up now, has none.
 */
export function withNames(
  catalog: Pick<Catalog, 'liveMap'>,
  rows: readonly OpsRow[],
): Promise<OpsRow[]> {
  return Promise.all(rows.map((row) => withName(catalog, row)))
}

async function withName(catalog: Pick<Catalog, 'liveMap'>, row: OpsRow): Promise<OpsRow> {
  if (!row.json.includes('"datasource_name":""')) return row
  const values = JSON.parse(row.json) as Record<string, unknown>
  const { workspace_id: workspaceId, datasource_id: id } = values
  if (values['datasource_name'] !== '' || typeof workspaceId !== 'string') return row
  const map = await catalog.liveMap(workspaceId).then(
    (live): DeploymentMap | null => live.map,
    () => null,
  )
  const name = map === null ? undefined : namesOf(map).get(String(id))
  if (name === undefined) return row
  return { ...row, json: JSON.stringify({ ...values, datasource_name: name }) }
}

/** Maps never change, and a large one is asked for every batch. */
const KNOWN = new WeakMap<DeploymentMap, ReadonlyMap<string, string>>()

function namesOf(map: DeploymentMap): ReadonlyMap<string, string> {
  const known = KNOWN.get(map)
  if (known !== undefined) return known
  const names = new Map(Object.entries(map.dataSources).map(([name, { id }]) => [id, name]))
  KNOWN.set(map, names)
  return names
}
