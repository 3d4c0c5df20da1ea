import type { TokenRecord, TokenWithValue } from '@sandpiper/catalog'
import { wireTime, type ScopeBody, type TokenBody } from '@sandpiper/contracts'
import type { DeploymentMap } from '@sandpiper/deployment'
import { mayGrant, parseTokenValue, type Principal, type Scope } from '@sandpiper/tokens'

/**
 * A token as the wire has it. Its value is left out when it holds rights that the caller does not.
 * @param map the live one, for the names of resources.
 */
export function tokenBody(
  token: TokenWithValue,
  map: DeploymentMap,
  principal: Principal,
): TokenBody {
  const { record, value } = token
  const body: TokenBody = {
    id: record.id,
    name: record.name,
    description: record.description,
    scopes: record.scopes.map((scope) => scopeBody(scope, map)),
    ...limitsBody(record),
    origin: originBody(record.origin),
    host: parseTokenValue(value)?.host ?? '',
    is_internal: record.origin.type === 'W',
    created_at: wireTime(record.createdAt),
  }
  return mayGrant(principal, record.scopes) ? { ...body, token: value } : body
}

function limitsBody({ limits }: TokenRecord): Pick<TokenBody, 'limits'> {
  const own = limits?.token ?? {}
  return Object.keys(own).length === 0 ? {} : { limits: { ...own } }
}

function scopeBody(scope: Scope, map: DeploymentMap): ScopeBody {
  return {
    type: scope.type,
    ...(scope.resource === null ? {} : { resource: nameOf(scope.resource, map) }),
    ...(scope.filter === null ? {} : { filter: scope.filter }),
  }
}

function originBody(origin: TokenRecord['origin']): TokenBody['origin'] {
  return origin.resourceId === null
    ? { type: origin.type }
    : { type: origin.type, resource_id: origin.resourceId }
}

function nameOf(id: string, map: DeploymentMap): string {
  const named = [...Object.entries(map.dataSources), ...Object.entries(map.pipes)]
  return named.find(([, resource]) => resource.id === id)?.[0] ?? id
}
