// The secrets that one query may use. Pipes use those that they name, whoever calls them; SQL of a caller none, unless an admin's.
import type { DeploymentMap } from '@sandpiper/deployment'
import { hideSecrets, NO_SECRETS, usesSecrets, type CompileScope } from '@sandpiper/pipes'
import { isAdmin, type Principal } from '@sandpiper/tokens'

import type { ApiDeps } from '../api-deps.ts'
import type { QueryOptions } from './query-options.ts'

interface Asking {
  readonly principal: Principal
  readonly map: DeploymentMap
  readonly options: Pick<QueryOptions, 'explain'>
  /** SQL of the caller that may be a template; null: none. */
  readonly sql: string | null
}

/**
 * The part of a scope about secrets. The catalog is asked only when some pipe, or an admin's SQL, speaks of one. A plan would show their
 * values among its constants, so that what is explained is the query with other values.
 */
export async function querySecrets(
  deps: Pick<ApiDeps, 'catalog'>,
  { principal, map, options, sql }: Asking,
): Promise<Pick<CompileScope, 'secrets' | 'mayUseSecrets'>> {
  const mayUseSecrets = sql !== null && isAdmin(principal)
  if (!usesSecrets(map) && !(mayUseSecrets && /\btb_(?:secret|var)\b/.test(sql)))
    return { secrets: NO_SECRETS, mayUseSecrets: false }
  const secrets = await deps.catalog.secretsOf(principal.workspaceId)
  return { secrets: options.explain ? hideSecrets(secrets) : secrets, mayUseSecrets }
}
