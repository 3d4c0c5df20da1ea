import type { MapOfDeployment } from '@sandpiper/catalog'
import { fault } from '@sandpiper/faults'
import { isAdmin, type Principal } from '@sandpiper/tokens'

import type { ApiDeps } from '../api-deps.ts'
import type { QueryOptions } from './query-options.ts'

/**
 * The deployment a request reads: the live one, or the one `__tb__deployment` names. Read once and kept for the request.
 * @throws fault `resource.missing` when an admin names one that is not there, `auth.denied` for any other token.
 */
export async function mapForRequest(
  deps: Pick<ApiDeps, 'catalog'>,
  principal: Principal,
  deployment: QueryOptions['deployment'],
): Promise<MapOfDeployment> {
  if (deployment === 'live') return deps.catalog.liveMap(principal.workspaceId)
  const found = await deps.catalog.mapOf(principal.workspaceId, deployment)
  if (found !== null) return found
  const text = `Deployment '${deployment}' not found`
  throw fault(isAdmin(principal) ? 'resource.missing' : 'auth.denied', { public: text })
}
