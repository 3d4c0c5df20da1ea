import { DESCRIBE_LIMITS, querySettings, type ClickHouse } from '@sandpiper/clickhouse'
import { assert } from '@sandpiper/assert'
import {
  materializedNode,
  targetName,
  type CompiledView,
  type DeploymentMap,
  type DescribedColumn,
} from '@sandpiper/deployment'
import { compilePipe } from '@sandpiper/pipes'

import { scopeOfView } from './scratch-check.ts'

/** The SELECT of a materialized pipe over the tables of a map; `columns` as the scratch check found them. */
export function compileView(
  workspaceId: string,
  map: DeploymentMap,
  pipe: string,
  columns: readonly string[],
): CompiledView {
  const file = map.pipes[pipe]?.file
  const node = file === undefined ? undefined : materializedNode(file)
  assert(node !== undefined, `${pipe} is not materialized`)
  const compiled = compilePipe(scopeOfView(workspaceId, map), { pipe, node: node.name })
  return { select: compiled.sql, columns }
}

/** The views of a map whose tables are there, columns asked of the engine. @throws faults of the engine. */
export async function describeViews(
  clickhouse: ClickHouse,
  workspaceId: string,
  map: DeploymentMap,
): Promise<Map<string, CompiledView>> {
  const views = new Map<string, CompiledView>()
  for (const [name, { file, view }] of Object.entries(map.pipes)) {
    if (view === null) continue
    const { select } = compileView(workspaceId, map, name, [])
    const given = await clickhouse.rows<DescribedColumn>({
      sql: `DESCRIBE TABLE (${select}\n)`,
      settings: querySettings(DESCRIBE_LIMITS),
    })
    const names = new Set(given.map((each) => each.name))
    const target = map.dataSources[targetName(file) ?? '']?.file.columns ?? []
    views.set(name, {
      select,
      columns: target.map((each) => each.name).filter((each) => names.has(each)),
    })
  }
  return views
}
