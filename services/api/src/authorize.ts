import { fault } from '@sandpiper/faults'
import {
  authorize,
  isAdmin,
  lacksScope,
  tokenFromRequest,
  tokenKind,
  type Principal,
} from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from './api-deps.ts'
import type { ApiEnv } from './app.ts'

/**
 * Tells who calls with a static token, by the Authorization header or `?token=`.
 * @throws fault `auth.denied` without a token that is known, and for any JWT: those read endpoints and SQL, and manage nothing.
 */
export async function authorizeRequest(
  c: Context<ApiEnv>,
  deps: Pick<ApiDeps, 'catalog'>,
): Promise<Principal> {
  const value = tokenOf(c)
  if (value !== null && tokenKind(value) === 'jwt') throw jwtManagesNothing()
  return authorize(value, (text) => deps.catalog.findToken(text))
}

/**
 * As authorizeRequest, for the data plane: JWTs too. Of a JWT's principal no right may be asked before principalIn() has found its
 * resources in the map of the request.
 */
export async function authorizeReader(
  c: Context<ApiEnv>,
  deps: Pick<ApiDeps, 'catalog'>,
): Promise<Principal> {
  return authorize(tokenOf(c), (text) => deps.catalog.findToken(text))
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

function tokenOf(c: Context<ApiEnv>): string | null {
  return tokenFromRequest({
    authorizationHeader: c.req.header('Authorization'),
    queryToken: c.req.query('token'),
  })
}

function jwtManagesNothing(): Error {
  return fault('auth.denied', {
    public: 'A JWT reads endpoints and SQL and appends events: this needs a static token.',
  })
}
