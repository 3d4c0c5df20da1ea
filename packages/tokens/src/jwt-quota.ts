import type { Principal } from './principal.ts'
import type { Quota, RequestQuota } from './request-quota.ts'

/**
 * Counts a request of a JWT that has `limits.rps`; null when it has none. JWTs of one name in one workspace share a bucket, whoever
 * they were given to: a browser that asks for a new one gains nothing.
 */
export function jwtQuota(quota: RequestQuota, principal: Principal): Quota | null {
  const { requestsPerSecond, workspaceId, tokenName } = principal
  // A workspace id has no space, so no name reaches into another workspace.
  return requestsPerSecond === undefined
    ? null
    : quota.take(`${workspaceId} ${tokenName}`, requestsPerSecond)
}
