// The claims of a JWT whose signature is known to be good. Everything is checked again: whoever holds a key may write anything.
import { fault, type Fault } from '@sandpiper/faults'

import { readJwtScopes } from './jwt-scopes.ts'
import { readLimits, TOKEN_LIMIT_NAMES, type Limits } from './limits.ts'
import type { Scope } from './principal.ts'
import { readShareClaim } from './share-claim.ts'

/** What a JWT grants, and when. */
export interface JwtClaims {
  readonly workspaceId: string
  readonly name: string
  /** Unix seconds; from then on the token is refused. */
  readonly expiresAt: number
  /** Unix seconds; null when it holds at once. */
  readonly notBefore: number | null
  /** Resources as written: names or ids. */
  readonly scopes: readonly Scope[]
  /** Of this token; empty when it has none. */
  readonly limits: Limits
  /** Id of the link to a dashboard that it is of; null when it is of none. */
  readonly share: string | null
}

/** Seconds that the clock of whoever signs may be ahead of ours, for `nbf`. Expiry has no grace. */
export const CLOCK_SKEW_SECONDS = 60

const NAME_CHARACTERS_MAX = 256

/**
 * Reads the claims of Tinybird's JWTs. `iat`, `iss`, `aud`, a `jti` that is none of ours and others are passed over.
 * @param payload the parsed payload. Source: Tinybird JWT docs, read 2026-11.
 * @throws fault `auth.denied` (403) naming the claim that is missing or not of its type.
 */
export function readJwtClaims(payload: unknown): JwtClaims {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw invalid('its payload is not an object')
  const claims = new Map<string, unknown>(Object.entries(payload))
  const workspaceId = claims.get('workspace_id')
  const name = claims.get('name')
  if (typeof workspaceId !== 'string') throw invalid('"workspace_id" must be the id of a workspace')
  if (!isTokenName(name)) throw invalid(`"name" must be 1 to ${NAME_CHARACTERS_MAX} characters`)
  const expiresAt = unixSeconds(claims.get('exp'))
  if (expiresAt === null) throw invalid('"exp" must be a whole number of Unix seconds')
  const notBefore = claims.get('nbf') === undefined ? null : unixSeconds(claims.get('nbf'))
  if (claims.get('nbf') !== undefined && notBefore === null)
    throw invalid('"nbf" must be a whole number of Unix seconds')
  const { scopes, problem } = readJwtScopes(claims.get('scopes'))
  if (problem !== null) throw invalid(problem)
  const { limits, problem: limitsProblem } = readLimits(claims.get('limits'), TOKEN_LIMIT_NAMES)
  if (limitsProblem !== null) throw invalid(limitsProblem)
  const share = readShareClaim(claims.get('jti'))
  return {
    workspaceId: workspaceId.toLowerCase(),
    name,
    expiresAt,
    notBefore,
    scopes,
    limits,
    share,
  }
}

/**
 * Refuses a token outside of its time.
 * @param nowMs Unix milliseconds. @param lifetimeSecondsMax longest time a token may have left; null for any.
 * @throws fault `auth.denied` (403).
 */
export function checkJwtTimes(
  { expiresAt, notBefore }: Pick<JwtClaims, 'expiresAt' | 'notBefore'>,
  nowMs: number,
  lifetimeSecondsMax: number | null,
): void {
  const now = nowMs / 1_000
  if (now >= expiresAt) throw jwtExpired()
  if (notBefore !== null && now + CLOCK_SKEW_SECONDS < notBefore)
    throw invalid('it is not valid yet')
  if (lifetimeSecondsMax !== null && expiresAt - now > lifetimeSecondsMax + CLOCK_SKEW_SECONDS)
    throw invalid(`it expires later than the ${lifetimeSecondsMax} s that the workspace allows`)
}

/** What the caller of a token hears from its `exp` on. */
export function jwtExpired(): Fault {
  return fault('auth.denied', { public: 'The token has expired.' })
}

/** What the holder of a link hears once it was ended. */
export function shareEnded(): Fault {
  return fault('auth.denied', { public: 'This link to a dashboard was ended.' })
}

function invalid(why: string): Fault {
  return fault('auth.denied', { public: `Invalid token: ${why}.` })
}

/** Names of tokens are free text, but for control characters. */
function isTokenName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name.trim() !== '' &&
    name.length <= NAME_CHARACTERS_MAX &&
    // eslint-disable-next-line no-control-regex -- control characters are what is refused
    !/[\u0000-\u001f\u007f]/.test(name)
  )
}

function unixSeconds(value: unknown): number | null {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : null
}
