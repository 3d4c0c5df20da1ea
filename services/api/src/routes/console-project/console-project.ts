// `GET /v0/console/project[?__tb__deployment=]`: all datafiles of a deployment in one answer. What the console edits, compares and offers for
// download. `GET /v0/console/project/versions?file=`: one of them over the past deployments. Both need ADMIN, as a deployment does.
import type { MapOfDeployment } from '@sandpiper/catalog'
import type { ConsoleProject, ConsoleVersions } from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import type { Principal } from '@sandpiper/tokens'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'
import { mapForRequest } from '../../query/map-for-request.ts'
import { readQueryOptions, type QueryOptions } from '../../query/query-options.ts'
import { queryFields } from '../../query/query-fields.ts'
import { fileVersions } from './file-versions.ts'
import { filesOf } from './project-files.ts'

const FRESH = { 'Cache-Control': 'no-store' }

/** Adds the routes. */
export function consoleProjectRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/console/project', async (c) => {
    const principal = await authorizeAdmin(c, deps)
    const { deployment } = readQueryOptions(queryFields(c.req.url), [])
    const { number, map } = await keptMap(deps, principal, deployment)
    const body: ConsoleProject = { deployment: number, files: filesOf(map) }
    return c.json(body, 200, FRESH)
  })

  app.get('/v0/console/project/versions', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const file = c.req.query('file') ?? ''
    if (!/^[^/]{1,300}\.(datasource|pipe|connection)$/.test(file))
      throw fault('request.invalid', {
        public: "'file' names a datafile without its folder, such as top_pages.pipe.",
      })
    const deployments = await deps.catalog.listDeployments(workspaceId, { includeDeleted: true })
    const body: ConsoleVersions = { file, versions: fileVersions(deployments, file) }
    return c.json(body, 200, FRESH)
  })
}

/** Also of a deployment whose tables are gone: its datafiles can still be read. */
async function keptMap(
  deps: ApiDeps,
  principal: Principal,
  deployment: QueryOptions['deployment'],
): Promise<MapOfDeployment> {
  if (typeof deployment === 'number') {
    const kept = await deps.catalog.findDeployment(principal.workspaceId, deployment)
    if (kept !== null) return kept
  }
  return mapForRequest(deps, principal, deployment)
}
