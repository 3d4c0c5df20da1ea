import type { DeploymentMap } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { mayGrant, TOKEN_CHARACTERS_MAX, type Principal } from '@sandpiper/tokens'

import type { ApiDeps } from '../../api-deps.ts'
import type { Params } from '../../read-params.ts'
import { readJwtRequest } from './read-jwt-request.ts'

/** `POST /v0/tokens?expiration_time=`: a JWT, signed here and kept nowhere. @param of.share the link to a dashboard that it is for. @throws fault `request.invalid` | `auth.denied`. */
export async function createJwt(
  deps: ApiDeps,
  principal: Principal,
  params: Params,
  of: { readonly map: DeploymentMap; readonly share?: string },
): Promise<{ token: string }> {
  const { workspaceId } = principal
  const nowMs = deps.now()
  const { share } = of
  const jwt = {
    ...readJwtRequest(params, { map: of.map, nowMs }),
    ...(share === undefined ? {} : { share }),
  }
  if (!mayGrant(principal, jwt.scopes))
    throw fault('auth.denied', { public: 'This token may not create JWTs with these scopes.' })
  const { lifetimeSecondsMax } = await deps.catalog.jwtSettings(workspaceId)
  if (lifetimeSecondsMax !== null && jwt.expiresAt * 1_000 - nowMs > lifetimeSecondsMax * 1_000) {
    throw fault('request.invalid', {
      public: `"expiration_time" is more than ${lifetimeSecondsMax} s away, the longest the workspace allows.`,
    })
  }
  const token = await deps.catalog.createJwt(workspaceId, jwt)
  if (token.length <= TOKEN_CHARACTERS_MAX) return { token }
  throw fault('request.invalid', {
    public: `The JWT would have more than ${TOKEN_CHARACTERS_MAX} characters: give it fewer scopes or shorter filters.`,
  })
}
