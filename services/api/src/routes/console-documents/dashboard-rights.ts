// Who may see a dashboard, and what of it. It is a description of what its tiles ask, so it is for who may ask that: every endpoint of
// every tile. SQL may ask anything, so a dashboard with SQL is for who sees the whole workspace. What is not certain is refused.
import type { Dashboard } from '@sandpiper/contracts'
import { findPipe, type DeploymentMap } from '@sandpiper/deployment'
import { fixedParamsFor, mayReadPipe, type Principal } from '@sandpiper/tokens'

import { seesNames } from '../../query/authority.ts'

/** JWTs of shares carry this name: such a one reads one dashboard, and no other that shows the same endpoints. */
export const SHARE_NAME = 'dashboard:'

/** @param principal as the map knows it: of principalIn(). */
export function mayReadDashboard(
  principal: Principal,
  map: DeploymentMap,
  { id, dashboard }: { readonly id: string; readonly dashboard: Dashboard },
): boolean {
  if (seesNames(principal)) return true
  const isShare = principal.kind === 'jwt' && principal.tokenName.startsWith(SHARE_NAME)
  if (isShare && principal.tokenName !== `${SHARE_NAME}${id}`) return false
  // Of no tiles it could be said that all of them may be read.
  if (dashboard.tiles.length === 0) return false
  return dashboard.tiles.every(({ source }) => {
    const pipe = 'pipe' in source ? findPipe(map, source.pipe) : undefined
    return pipe !== undefined && mayReadPipe(principal, pipe.id)
  })
}

/**
 * The dashboard without values for what the token fixes: they would have no effect, and may name somebody else (the tenant for whom it was
 * first made, the list of all tenants).
 */
export function withoutFixed(
  principal: Principal,
  map: DeploymentMap,
  dashboard: Dashboard,
): Dashboard {
  const fixed = new Set(
    principal.scopes.flatMap(({ fixedParams }) => Object.keys(fixedParams ?? {})),
  )
  if (fixed.size === 0) return dashboard
  return {
    ...dashboard,
    parameters: dashboard.parameters.filter(({ name }) => !fixed.has(name)),
    tiles: dashboard.tiles.map((tile) => {
      if (!('pipe' in tile.source)) return tile
      const pipe = findPipe(map, tile.source.pipe)
      const ofPipe = pipe === undefined ? fixed : keysOf(fixedParamsFor(principal, pipe.id))
      const kept = Object.entries(tile.source.params).filter(([name]) => !ofPipe.has(name))
      return { ...tile, source: { ...tile.source, params: Object.fromEntries(kept) } }
    }),
  }
}

function keysOf(params: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  return new Set(Object.keys(params))
}
