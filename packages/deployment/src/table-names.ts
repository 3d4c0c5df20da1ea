// The only place that knows how our resources are called inside ClickHouse. No user-chosen name ever appears there.
import { assert } from '@sandpiper/assert'

const RESOURCE_ID = /^t_[0-9a-f]{32}$/
const WORKSPACE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Database of a workspace or branch: `ws_<32 hex>`. @param workspaceId UUID, lower case. */
export function databaseName(workspaceId: string): string {
  assert(WORKSPACE_ID.test(workspaceId), `not a workspace id: ${workspaceId}`)
  return `ws_${workspaceId.replaceAll('-', '')}`
}

/** Table of a data source: `<id>_<generation>`. */
export function tableName(dataSourceId: string, generation: number): string {
  assert(RESOURCE_ID.test(dataSourceId), `not a resource id: ${dataSourceId}`)
  return `${dataSourceId}_${String(generation)}`
}

/** Quarantine table of a data source: `<id>_<generation>_quarantine`. */
export function quarantineTableName(dataSourceId: string, generation: number): string {
  return `${tableName(dataSourceId, generation)}_quarantine`
}

/** Materialized view of a pipe: `<pipe id>_<generation>_view`. */
export function viewName(pipeId: string, generation: number): string {
  return `${tableName(pipeId, generation)}_view`
}

/** View that carries rows from one generation of a data source to the next until promotion: `<id>_<generation>_forward`. */
export function forwardViewName(dataSourceId: string, generation: number): string {
  return `${tableName(dataSourceId, generation)}_forward`
}
