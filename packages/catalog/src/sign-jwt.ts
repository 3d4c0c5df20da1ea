import { shareClaim, type Limits, type Scope } from '@sandpiper/tokens'
import { SignJWT } from 'jose'

/** A JWT to be made. */
export interface NewJwt {
  readonly name: string
  /** Unix seconds. */
  readonly expiresAt: number
  /** Resources as they are to stand in it: names or ids. */
  readonly scopes: readonly Scope[]
  readonly limits: Limits
  /** Of which link to a dashboard it is; default none. */
  readonly share?: string
}

/** Signs a JWT as a client with the workspace's admin token would (HS256). @param secret the value of that token. */
export async function signJwt(workspaceId: string, secret: string, jwt: NewJwt): Promise<string> {
  const { name, expiresAt, scopes, limits, share } = jwt
  const claims = {
    workspace_id: workspaceId,
    name,
    scopes: scopes.map(({ type, resource, filter, fixedParams }) => ({
      ...{ type, resource },
      ...(fixedParams === null ? {} : { fixed_params: { ...fixedParams } }),
      ...(filter === null ? {} : { filter }),
    })),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(share === undefined ? {} : { jti: shareClaim(share) }),
  }
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setExpirationTime(expiresAt)
    .sign(Buffer.from(secret, 'utf8'))
}
