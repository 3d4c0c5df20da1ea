// `GET /v0/console/project[?__tb__deployment=]`: all datafiles of a deployment in one answer, as `sandpiper pull` writes them. What the console
// edits, compares and offers for download; needs ADMIN, as a deployment does.
import type { ConsoleProject } from '@sandpiper/contracts'
import { printDatafile, type PipeFile } from '@sandpiper/datafile'
import type { DeploymentMap } from '@sandpiper/deployment'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'
import { maskConnection } from '../../deployments/mask-connection.ts'
import { mapForRequest } from '../../query/map-for-request.ts'
import { readQueryOptions } from '../../query/query-options.ts'
import { queryFields } from '../../query/query-fields.ts'

/** Where people look for a kind of pipe. */
const FOLDERS: Readonly<Record<string, string>> = {
  endpoint: 'endpoints',
  materialized: 'materializations',
  copy: 'copies',
  sink: 'sinks',
}

/** Adds the route. */
export function consoleProjectRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/console/project', async (c) => {
    const principal = await authorizeAdmin(c, deps)
    const { deployment } = readQueryOptions(queryFields(c.req.url), [])
    const { number, map } = await mapForRequest(deps, principal, deployment)
    const body: ConsoleProject = { deployment: number, files: filesOf(map) }
    return c.json(body, 200, { 'Cache-Control': 'no-store' })
  })
}

function filesOf(map: DeploymentMap): ConsoleProject['files'] {
  const files = [
    ...Object.values(map.dataSources).map(({ file }) => ({
      path: `datasources/${file.name}.datasource`,
      content: printDatafile(file),
    })),
    ...Object.values(map.pipes).map(({ file }) => ({
      path: `${folderOf(file)}/${file.name}.pipe`,
      content: printDatafile(file),
    })),
    ...Object.values(map.connections).map(({ file }) => ({
      path: `connections/${file.name}.connection`,
      content: printDatafile(maskConnection(file).file),
    })),
  ]
  return files.sort((one, other) => (one.path < other.path ? -1 : 1))
}

function folderOf({ nodes }: PipeFile): string {
  const special = nodes.find(({ type }) => type !== 'standard')
  return FOLDERS[special?.type ?? ''] ?? 'pipes'
}
