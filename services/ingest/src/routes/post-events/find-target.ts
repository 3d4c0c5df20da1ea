// Which data source a request appends to, and whether its token may.
import { findDataSource, type DeployedDataSource, type DeploymentMap } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { isAdmin, mayAppend, resourceDenied, type Principal } from '@sandpiper/tokens'
import type { IngestDeps } from '../../ingest-deps.ts'

const QUARANTINE = '_quarantine'

/**
 * The map the request keeps: the live one, or the one of `__tb__deployment`.
 * @throws fault `resource.missing` (404) when an admin names one that is not there, `auth.denied` (403) for others | `request.invalid` (400).
 */
export async function findMap(
  catalog: IngestDeps['catalog'],
  principal: Principal,
  deployment: string | null,
): Promise<DeploymentMap> {
  if (deployment === null || deployment === '' || deployment === 'live')
    return (await catalog.liveMap(principal.workspaceId)).map
  if (deployment !== 'staging' && !/^\d{1,9}$/.test(deployment)) {
    throw fault('request.invalid', {
      public: "__tb__deployment must be 'live', 'staging' or the number of a deployment.",
    })
  }
  const found = await catalog.mapOf(
    principal.workspaceId,
    deployment === 'staging' ? deployment : Number(deployment),
  )
  if (found !== null) return found.map
  throw fault(isAdmin(principal) ? 'resource.missing' : 'auth.denied', {
    public: `Deployment '${deployment}' not found`,
  })
}

/**
 * The data source by name or id. A token without the right learns nothing: an unknown name and a forbidden one look the same to it.
 * @throws fault `auth.denied` (403) | `resource.missing` (404), only for tokens that may create or administer | `request.invalid` (400) for
 * a quarantine data source, which nobody appends to.
 */
export function findTarget(
  map: DeploymentMap,
  principal: Principal,
  nameOrId: string,
): DeployedDataSource {
  const found = findDataSource(map, nameOrId)
  if (found !== undefined) {
    if (mayAppend(principal, found.id)) return found
    throw resourceDenied(nameOrId)
  }
  const origin = nameOrId.endsWith(QUARANTINE)
    ? findDataSource(map, nameOrId.slice(0, -QUARANTINE.length))
    : undefined
  if (origin !== undefined && mayAppend(principal, origin.id)) {
    throw fault('request.invalid', {
      public: `'${nameOrId}' holds the refused rows of '${origin.file.name}' and cannot be appended to. Send the events to '${origin.file.name}'.`,
    })
  }
  if (!mayAppend(principal, null)) throw resourceDenied(nameOrId)
  throw fault('resource.missing', {
    public: `Data source '${nameOrId}' not found. Add a datafile for it to the project and deploy it.`,
  })
}
