// From the text of a token to who is calling. The only way to a Principal.
import { fault } from '@sandpiper/faults'

import type { CallerLimits } from './limits.ts'
import type { Principal, Scope } from './principal.ts'
import { tokenKind } from './token-value.ts'

/** What the catalog knows of a token. */
export interface StoredToken {
  readonly id: string
  readonly workspaceId: string
  readonly name: string
  /** Of a JWT with resources as they are written in it: see principalIn(). */
  readonly scopes: readonly Scope[]
  /** Absent when neither its workspace nor the token itself has any. */
  readonly limits?: CallerLimits
}

/**
 * Tells who calls.
 * @param value from tokenFromRequest(). @param findToken looks the whole value up, e.g. the catalog's; null when it is unknown.
 * A JWT's resources are names still: nothing may be asked of its principal before principalIn() has found them in a map.
 * @throws fault `auth.denied` (403) without a token or with an unknown one.
 */
export async function authorize(
  value: string | null,
  findToken: (value: string) => Promise<StoredToken | null>,
): Promise<Principal> {
  if (value === null) {
    throw fault('auth.denied', {
      public: 'Token missing. Send it as "Authorization: Bearer <token>" or as ?token=<token>.',
    })
  }
  const kind = tokenKind(value)
  const stored = kind === null ? null : await findToken(value)
  if (kind === null || stored === null) throw fault('auth.denied', { public: 'Invalid token' })
  return {
    workspaceId: stored.workspaceId,
    tokenId: stored.id,
    tokenName: stored.name,
    kind,
    scopes: stored.scopes,
    ...(stored.limits === undefined ? {} : { limits: stored.limits }),
  }
}

/**
 * Finds the token in a request; null when there is none. The header wins over the query; another scheme than Bearer
 * (a proxy's Basic) is not ours and is passed over.
 */
export function tokenFromRequest(request: {
  readonly authorizationHeader: string | undefined
  readonly queryToken: string | undefined
}): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.authorizationHeader ?? '')?.[1]
  const value = bearer ?? request.queryToken?.trim()
  return value === undefined || value === '' ? null : value
}
