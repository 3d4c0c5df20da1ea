import type { Principal } from './principal.ts'
import type { Quota } from './request-quota.ts'

/**
 * Counts a request of a token that has `limits.rps`; null when it has none. JWTs of one name in one workspace share a bucket, whoever
 * they were given to: a browser that asks for a new one gains nothing.
 */
export function tokenQuota<Taken extends Quota | Promise<Quota>>(
  quota: { take(key: string, perSecond: number): Taken },
  principal: Principal,
): Taken | null {
  const { kind, limits, workspaceId, tokenId, tokenName } = principal
  const perSecond = limits?.token.rps
  if (perSecond === undefined) return null
  // A workspace id has no space and no slash: no name reaches into another workspace, and no JWT's into a static token's bucket.
  const key = kind === 'jwt' ? `${workspaceId} ${tokenName}` : `${workspaceId}/${tokenId}`
  return quota.take(key, perSecond)
}
