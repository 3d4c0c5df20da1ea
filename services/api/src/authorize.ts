import { authorize, isAdmin, lacksScope, tokenFromRequest, type Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from './api-deps.ts'
import type { ApiEnv } from './app.ts'

/**
 * Tells who calls, by the Authorization header or `?token=`.
 * @throws fault `auth.denied` without a token that is known.
 */
export async function authorizeRequest(
  c: Context<ApiEnv>,
  deps: Pick<ApiDeps, 'catalog'>,
): Promise<Principal> {
  const value = tokenFromRequest({
    authorizationHeader: c.req.header('Authorization'),
    queryToken: c.req.query('token'),
  })
  return authorize(value, (text) => deps.catalog.findToken(text))
}

/** As authorizeRequest, for management: refuses whoever is not an admin of the workspace. */
export async function authorizeAdmin(
  c: Context<ApiEnv>,
  deps: Pick<ApiDeps, 'catalog'>,
): Promise<Principal> {
  const principal = await authorizeRequest(c, deps)
  if (!isAdmin(principal)) throw lacksScope('ADMIN')
  return principal
}
