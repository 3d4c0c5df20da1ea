// Tokens of a workspace: static ones, and JWTs that are signed here and kept nowhere. Whoever manages tokens sees, gives and takes only rights that it holds itself (mayGrant).
import type { TokenWithValue } from '@sandpiper/catalog'
import type { TokenBody, TokenListBody } from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import { lacksScope, mayGrant, mayManageTokens, tokenKind, type Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { readParams } from '../../read-params.ts'
import { createJwt } from './create-jwt.ts'
import {
  readDescription,
  readName,
  readScopes,
  readTokenLimits,
  refuseLimitedManager,
} from './read-token-request.ts'
import { tokenBody } from './token-body.ts'
import { tokenDatafile } from './token-datafile.ts'

/** `/v0/tokens[/{id, name or value}[.token or /refresh]]`. Needs ADMIN or TOKENS; any token may read itself. */
export function tokenRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/tokens', async (c) => c.json(await listTokens(c, deps)))
  app.post('/v0/tokens', async (c) => c.json(await createToken(c, deps)))
  app.get('/v0/tokens/:token', async (c) => {
    const { token, isDatafile } = await oneToken(c, deps)
    return isDatafile ? c.text(tokenDatafile(token)) : c.json(token)
  })
  app.put('/v0/tokens/:token', async (c) => c.json(await updateToken(c, deps)))
  app.post('/v0/tokens/:token/refresh', async (c) => c.json(await refreshToken(c, deps)))
  app.delete('/v0/tokens/:token', async (c) => c.json(await removeToken(c, deps)))
}

async function listTokens(c: Context<ApiEnv>, deps: ApiDeps): Promise<TokenListBody> {
  const principal = await authorizeManager(c, deps)
  const { map } = await deps.catalog.liveMap(principal.workspaceId)
  const tokens = await deps.catalog.listTokens(principal.workspaceId)
  return { tokens: tokens.map((token) => tokenBody(token, map, principal)) }
}

async function createToken(
  c: Context<ApiEnv>,
  deps: ApiDeps,
): Promise<TokenBody | { token: string }> {
  const principal = await authorizeManager(c, deps)
  const params = await readParams(c)
  const { map } = await deps.catalog.liveMap(principal.workspaceId)
  if (params.values.has('expiration_time')) return createJwt(deps, principal, params, { map })
  const name = readName(params)
  const scopes = readScopes(params, map)
  if (scopes.length === 0) {
    throw fault('request.invalid', {
      public: 'A token needs at least one scope: scope=PIPES:READ:<pipe>.',
    })
  }
  if (!mayGrant(principal, scopes)) throw cannotGrant()
  const limits = readTokenLimits(params) ?? {}
  refuseLimitedManager(scopes, limits)
  const made = await deps.catalog.createToken({
    ...{ workspaceId: principal.workspaceId, name, scopes, limits },
    description: readDescription(params) ?? '',
    origin: { type: 'C', resourceId: null },
  })
  return tokenBody(made, map, principal)
}

async function oneToken(
  c: Context<ApiEnv>,
  deps: ApiDeps,
): Promise<{ token: TokenBody; isDatafile: boolean }> {
  const principal = await authorizeRequest(c, deps)
  const key = c.req.param('token') ?? ''
  const named = await findToken(deps, principal, key)
  // A token may be called so itself: then that one is meant.
  const isDatafile = named === null && key.endsWith(DATAFILE_ENDING)
  const token = isDatafile
    ? await findToken(deps, principal, key.slice(0, -DATAFILE_ENDING.length))
    : named
  const isItself = token?.record.id === principal.tokenId
  if (!isItself && !mayManageTokens(principal)) throw lacksScope('TOKENS')
  if (token === null) throw tokenMissing()
  const { map } = await deps.catalog.liveMap(principal.workspaceId)
  return { token: tokenBody(token, map, principal), isDatafile }
}

const DATAFILE_ENDING = '.token'

async function updateToken(c: Context<ApiEnv>, deps: ApiDeps): Promise<TokenBody> {
  const principal = await authorizeManager(c, deps)
  const token = await findManageable(c, deps, principal)
  const params = await readParams(c)
  const { map } = await deps.catalog.liveMap(principal.workspaceId)
  const scopes = readScopes(params, map)
  const name = params.values.has('name') ? readName(params) : undefined
  const description = readDescription(params)
  const limits = readTokenLimits(params)
  const isRenamed = name !== undefined && name !== token.record.name
  const isOther = scopes.length > 0 || description !== undefined || isRenamed
  // Limits are the operator's: a datafile has no word for them, and deploying keeps them.
  if (isOther) refuseUnlessByHand(token, 'changed')
  if (!isOther && limits === undefined && name === undefined) {
    throw fault('request.invalid', {
      public: 'Nothing to change: send scope=, name=, description= or limits.',
    })
  }
  if (!mayGrant(principal, scopes)) throw cannotGrant()
  const { record } = token
  refuseLimitedManager(
    scopes.length === 0 ? record.scopes : scopes,
    limits ?? record.limits?.token ?? {},
  )
  const changed = await deps.catalog.updateToken(principal.workspaceId, record.id, {
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(limits === undefined ? {} : { limits }),
  })
  if (changed === null) throw tokenMissing()
  return tokenBody(changed, map, principal)
}

async function refreshToken(c: Context<ApiEnv>, deps: ApiDeps): Promise<TokenBody> {
  const principal = await authorizeManager(c, deps)
  const token = await findManageable(c, deps, principal)
  const fresh = await deps.catalog.refreshToken(principal.workspaceId, token.record.id)
  if (fresh === null) throw tokenMissing()
  const { map } = await deps.catalog.liveMap(principal.workspaceId)
  return tokenBody(fresh, map, principal)
}

async function removeToken(c: Context<ApiEnv>, deps: ApiDeps): Promise<{ ok: boolean }> {
  const principal = await authorizeManager(c, deps)
  const token = await findManageable(c, deps, principal)
  refuseUnlessByHand(token, 'removed')
  if (!(await deps.catalog.removeToken(principal.workspaceId, token.record.id)))
    throw tokenMissing()
  return { ok: true }
}

async function authorizeManager(c: Context<ApiEnv>, deps: ApiDeps): Promise<Principal> {
  const principal = await authorizeRequest(c, deps)
  if (!mayManageTokens(principal)) throw lacksScope('TOKENS')
  return principal
}

async function findManageable(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  principal: Principal,
): Promise<TokenWithValue> {
  const token = await findToken(deps, principal, c.req.param('token') ?? '')
  if (token === null) throw tokenMissing()
  if (!mayGrant(principal, token.record.scopes)) throw cannotGrant()
  return token
}

/** By id, then name, then value; only in the caller's workspace. */
async function findToken(
  deps: ApiDeps,
  principal: Principal,
  key: string,
): Promise<TokenWithValue | null> {
  const tokens = await deps.catalog.listTokens(principal.workspaceId)
  const byValue = tokenKind(key) === 'static' ? await deps.catalog.findToken(key) : null
  return (
    tokens.find(({ record }) => record.id === key) ??
    tokens.find(({ record }) => record.name === key) ??
    tokens.find(({ record }) => record.id === byValue?.id) ??
    null
  )
}

function refuseUnlessByHand(token: TokenWithValue, what: 'changed' | 'removed'): void {
  const { origin, name } = token.record
  if (origin.type === 'C') return
  const why =
    origin.type === 'W'
      ? 'it belongs to the workspace; refresh it to make its old value useless'
      : 'it comes from a TOKEN line; edit the datafile and deploy'
  throw fault('request.invalid', { public: `Token "${name}" cannot be ${what}: ${why}.` })
}

function cannotGrant(): Error {
  return fault('auth.denied', { public: 'This token may not manage tokens with these scopes.' })
}

function tokenMissing(): Error {
  return fault('resource.missing', { public: 'Token not found' })
}
