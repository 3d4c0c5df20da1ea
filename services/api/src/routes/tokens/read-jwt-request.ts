// What a caller wants of a JWT: name, scopes, limits and when it ends. The SDK posts all but the time as JSON; the CLI has the name in the
// query. What it would refuse when the token is used it refuses now.
import type { NewJwt } from '@sandpiper/catalog'
import type { DeploymentMap } from '@sandpiper/deployment'
import { fault, type Fault } from '@sandpiper/faults'
import { isPlainCondition } from '@sandpiper/pipes'
import {
  parseScope,
  readJwtScopes,
  readLimits,
  resourceId,
  scopeSubject,
  TOKEN_LIMIT_NAMES,
  type Scope,
} from '@sandpiper/tokens'

import type { Params } from '../../read-params.ts'
import { readName } from './read-token-request.ts'

/** @param map for the names of resources. @param nowMs Unix milliseconds. @throws fault `request.invalid`. */
export function readJwtRequest(
  params: Params,
  { map, nowMs }: { readonly map: DeploymentMap; readonly nowMs: number },
): NewJwt {
  const name = readName(params)
  const expiresAt = readExpiration(params.values.get('expiration_time') ?? '', nowMs)
  const { scopes, problem } = readJwtScopes(scopesOf(params))
  if (problem !== null) throw invalid(problem)
  for (const scope of scopes) checkScope(scope, map)
  const read = readLimits(params.json?.['limits'], TOKEN_LIMIT_NAMES)
  if (read.problem !== null) throw invalid(read.problem)
  return { name, expiresAt, scopes, limits: read.limits }
}

function readExpiration(text: string, nowMs: number): number {
  const seconds = /^\d{1,15}$/.test(text) ? Number(text) : null
  if (seconds === null) throw invalid('"expiration_time" must be a whole number of Unix seconds')
  if (seconds * 1_000 <= nowMs) throw invalid('"expiration_time" is not in the future')
  return seconds
}

/** `scopes` of the body, or `scope=PIPES:READ:<name>` as for static tokens. */
function scopesOf({ values, json }: Params): unknown {
  if (json?.['scopes'] !== undefined) return json['scopes']
  return values.getAll('scope').map((text) => {
    const { type, resource } = parseScope(text.trim())
    return { type, resource }
  })
}

function checkScope({ type, resource, filter }: Scope, map: DeploymentMap): void {
  if (resource !== null && resourceId(map, type, resource) === null)
    throw invalid(`scope ${type}:${resource}: there is no ${scopeSubject(type)} "${resource}"`)
  if (filter !== null && !isPlainCondition(filter))
    throw invalid(`the filter of ${type}:${resource ?? ''} is not one plain SQL condition`)
}

function invalid(why: string): Fault {
  return fault('request.invalid', { public: `Invalid JWT: ${why}.` })
}
