// What a promotion did to data sources, for `tinybird.datasources_ops_log`.
import { printDatafile } from '@sandpiper/datafile'
import type { DeployedDataSource, DeploymentMap } from '@sandpiper/deployment'
import type { OpsLog } from '@sandpiper/telemetry'

interface Promotion {
  readonly workspaceId: string
  /** Of the deployment that is live now. */
  readonly number: number
  readonly before: DeploymentMap
  readonly after: DeploymentMap
  readonly elapsedSeconds: number
}

/** Notes each data source that was made, changed, renamed or removed; those that stayed as they were are left out. */
export function noteChanges(ops: OpsLog, promotion: Promotion): void {
  const before = byId(promotion.before)
  const after = byId(promotion.after)
  for (const [id, is] of after) {
    const was = before.get(id)
    if (was === undefined) note(ops, promotion, 'create', is)
    else if (was.file.name !== is.file.name)
      note(ops, promotion, 'rename', is, { old_name: was.file.name })
    else if (was !== is && printDatafile(was.file) !== printDatafile(is.file))
      note(ops, promotion, 'alter', is)
  }
  for (const [id, was] of before) {
    if (!after.has(id)) note(ops, promotion, 'delete', was)
  }
}

function byId(map: DeploymentMap): Map<string, DeployedDataSource> {
  return new Map(Object.values(map.dataSources).map((each) => [each.id, each]))
}

function note(
  ops: OpsLog,
  { workspaceId, number, elapsedSeconds }: Promotion,
  eventType: string,
  dataSource: DeployedDataSource,
  options: Readonly<Record<string, string>> = {},
): void {
  ops.dataSourceOp({
    workspaceId,
    eventType,
    dataSourceId: dataSource.id,
    dataSourceName: dataSource.file.name,
    error: null,
    elapsedSeconds,
    rows: 0,
    rowsQuarantine: 0,
    operationId: `deployment-${number}`,
    options: { deployment: String(number), ...options },
  })
}
