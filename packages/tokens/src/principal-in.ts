import {
  findDataSource,
  findPipe,
  findServiceDataSource,
  SERVICE_DATABASE,
  type DeploymentMap,
} from '@sandpiper/deployment'

import type { Principal, Scope, ScopeType } from './principal.ts'
import { scopeSubject } from './scope.ts'

/**
 * The caller as the map of its request knows it: the names in a JWT's scopes become ids, and scopes on what is not there are left out.
 * A static token's scopes hold ids already. Rights must be asked of this principal: asked before, a JWT has none.
 */
export function principalIn(map: DeploymentMap, principal: Principal): Principal {
  if (principal.kind === 'static') return principal
  const scopes = principal.scopes.flatMap((scope): Scope[] => {
    const { type, resource } = scope
    const id = resource === null ? null : resourceId(map, type, resource)
    return id === null ? [] : [{ ...scope, resource: id }]
  })
  return { ...principal, scopes }
}

/**
 * What a scope holds for a name or id: the id; of a service data source, which has none, `tinybird.<name>`.
 * null when there is no such data source or pipe.
 */
export function resourceId(map: DeploymentMap, type: ScopeType, nameOrId: string): string | null {
  const subject = scopeSubject(type)
  if (subject === 'workspace') return null
  if (subject === 'pipe') return findPipe(map, nameOrId)?.id ?? null
  return (
    findDataSource(map, nameOrId)?.id ?? (type === 'DATASOURCES:READ' ? serviceId(nameOrId) : null)
  )
}

/** No data source of a workspace can have such a name. */
function serviceId(name: string): string | null {
  const prefix = `${SERVICE_DATABASE}.`
  const isOne =
    name.startsWith(prefix) && findServiceDataSource(name.slice(prefix.length)) !== undefined
  return isOne ? name : null
}
