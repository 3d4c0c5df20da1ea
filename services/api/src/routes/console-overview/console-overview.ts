// `GET /v0/console/overview`: what comes in now, from counters in memory; `tinybird.*` knows the rest, and all of the past. For admins, of
// their own workspace.
import { wireTime, type ConsoleOverview, type DataSourcePulse } from '@sandpiper/contracts'
import type { DeployedDataSource } from '@sandpiper/deployment'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'

/** Seconds that the counts of breakers are of. */
const WINDOW_SECONDS = 60

/** Adds the route. */
export function consoleOverviewRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/console/overview', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const { map } = await deps.catalog.liveMap(workspaceId)
    const sources = Object.values(map.dataSources).map((source) => pulseOf(deps, source))
    const total = (of: (source: DataSourcePulse) => number): number =>
      sources.reduce((sum, each) => sum + of(each), 0)
    const body: ConsoleOverview = {
      at: wireTime(new Date(deps.now()).toISOString()),
      is_loading: deps.log.writerConnected(),
      rows_per_second: total((each) => each.rows_per_second),
      refused_per_second: total((each) => each.refused_per_second),
      oldest_unloaded_seconds: Math.max(0, ...sources.map((each) => each.oldest_unloaded_seconds)),
      data_sources: sources.sort((one, other) => (one.name < other.name ? -1 : 1)),
    }
    return c.json(body, 200, { 'Cache-Control': 'no-store' })
  })
}

function pulseOf(
  { breakers, loads }: Pick<ApiDeps, 'breakers' | 'loads'>,
  { id, file }: DeployedDataSource,
): DataSourcePulse {
  const { rows, invalid_rows: invalid, state } = breakers.stateOf(id)
  return {
    ...{ id, name: file.name, breaker: state },
    rows_per_second: rows / WINDOW_SECONDS,
    refused_per_second: invalid / WINDOW_SECONDS,
    oldest_unloaded_seconds: loads?.oldestUnloadedSeconds(id) ?? 0,
  }
}
