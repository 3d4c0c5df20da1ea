// How many requests the data plane takes: per token that says so, per workspace and per endpoint where it is set or configured. Never by address:
// what a proxy claims in X-Forwarded-For buys nothing, and a /64 of IPv6 neither.
import {
  createRequestQuota,
  refuseAbove,
  tokenQuota,
  type Principal,
  type Quota,
  type QuotaOf,
} from '@sandpiper/tokens'
import type { Context } from 'hono'
import { LRUCache } from 'lru-cache'

import type { ApiDeps } from './api-deps.ts'
import type { ApiEnv } from './api-env.ts'

/** Counts requests once it is known who sent them. */
export interface RateLimits {
  /** Against the token's own limit. @throws fault `limit.rate` (429) with Retry-After. */
  countCaller(c: Context<ApiEnv>, principal: Principal): Promise<void>
  /**
   * Once the caller may read something: a token of a web page that only appends could use up what its workspace has. Branches count with
   * their workspace, else whoever makes branches would have as many shares. @throws fault `limit.rate` (429).
   */
  countWorkspace(c: Context<ApiEnv>, principal: Principal): Promise<void>
  /** @param pipeId after the caller may read it: a refused one counts against nobody else. @throws fault `limit.rate` (429). */
  countEndpoint(c: Context<ApiEnv>, pipeId: string): Promise<void>
}

/** Workspaces and branches that are remembered. */
const MAINS_MAX = 10_000

/** Makes the one of an api. */
export function createRateLimits(
  deps: Pick<ApiDeps, 'catalog' | 'config' | 'jwtQuota' | 'sharedQuota'>,
): RateLimits {
  const own: QuotaOf = () => createRequestQuota(() => performance.now())
  const quotaOf = deps.sharedQuota ?? own
  const ofJwts = deps.jwtQuota ?? quotaOf('token')
  const ofWorkspaces = quotaOf('queries')
  const ofEndpoints = quotaOf('endpoint')
  const mainOf = rememberMains(deps.catalog)
  const { requestsPerSecond = null, requestsPerSecondPerEndpoint = null } = deps.config

  return {
    async countCaller(c, principal) {
      count(c, await tokenQuota(ofJwts, principal), 'The token')
    },
    async countWorkspace(c, principal) {
      const perSecond = Math.min(
        requestsPerSecond ?? Infinity,
        principal.limits?.workspace.rps ?? Infinity,
      )
      if (perSecond === Infinity) return
      const main = await mainOf(principal.workspaceId)
      count(c, await ofWorkspaces.take(main, perSecond), 'The workspace')
    },
    async countEndpoint(c, pipeId) {
      if (requestsPerSecondPerEndpoint !== null)
        count(c, await ofEndpoints.take(pipeId, requestsPerSecondPerEndpoint), 'The endpoint')
    },
  }
}

/** Tells the main workspace of a branch, of any other itself. Whose branch one is never changes, so each is asked for once. */
function rememberMains(
  catalog: Pick<ApiDeps['catalog'], 'findWorkspace'>,
): (workspaceId: string) => Promise<string> {
  const mains = new LRUCache<string, string>({ max: MAINS_MAX })
  return async (id) => {
    const known = mains.get(id)
    if (known !== undefined) return known
    const main = (await catalog.findWorkspace(id))?.mainId ?? id
    mains.set(id, main)
    return main
  }
}

/** The tighter of several is told. */
function count(c: Context<ApiEnv>, quota: Quota | null, what: string): void {
  if (quota === null) return
  const told = c.get('quota')
  if (told === undefined || quota.remaining <= told.remaining) c.set('quota', quota)
  refuseAbove(quota, what)
}
