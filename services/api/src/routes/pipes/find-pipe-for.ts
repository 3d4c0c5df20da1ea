import { findPipe, type DeployedPipe, type DeploymentMap } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { isAdmin, mayReadPipe, resourceDenied, type Principal } from '@sandpiper/tokens'

import type { ApiDeps } from '../../api-deps.ts'

/**
 * A live pipe that the caller may read.
 * @throws fault `auth.denied`, the same for a pipe that is not there and for one of others | `resource.missing` for admins.
 */
export async function findPipeFor(
  deps: Pick<ApiDeps, 'catalog'>,
  principal: Principal,
  name: string,
): Promise<{ map: DeploymentMap; pipe: DeployedPipe; workspaceId: string }> {
  const { workspaceId } = principal
  const { map } = await deps.catalog.liveMap(workspaceId)
  const pipe = findPipe(map, name)
  if (pipe !== undefined && mayReadPipe(principal, pipe.id)) return { map, pipe, workspaceId }
  if (!isAdmin(principal)) throw resourceDenied(name)
  throw fault('resource.missing', { public: `The pipe '${name.slice(0, 300)}' does not exist` })
}
