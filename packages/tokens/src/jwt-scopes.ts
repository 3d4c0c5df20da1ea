// The scopes of a JWT, as they stand in its claims and in the request that makes one. A restriction that cannot be applied where it
// stands is an error, never left out: what is dropped would widen the token.
import type { Scope } from './principal.ts'

/** What a JWT may hold, and what each may be narrowed by. Source: Tinybird JWT docs, read 2026-11. */
const NARROWED_BY = {
  'PIPES:READ': 'fixed_params',
  'DATASOURCES:READ': 'filter',
  'DATASOURCES:APPEND': null,
} as const

type JwtScopeType = keyof typeof NARROWED_BY

const MEMBERS: ReadonlySet<string> = new Set(['type', 'resource', 'fixed_params', 'filter'])
const SCOPES_MAX = 100
const TEXT_CHARACTERS_MAX = 4_096
const FIXED_PARAMS_MAX = 100

/** Scopes that could be read, or why not, in words for whoever made the token. */
export type JwtScopes =
  | { readonly scopes: readonly Scope[]; readonly problem: null }
  | { readonly scopes: null; readonly problem: string }

/**
 * Reads `scopes` of a JWT: 1 to 100 objects `{type, resource, fixed_params?, filter?}`. Resources come back as written, names or ids.
 */
export function readJwtScopes(value: unknown): JwtScopes {
  if (!Array.isArray(value) || value.length === 0 || value.length > SCOPES_MAX)
    return problem(`"scopes" must be a list of 1 to ${SCOPES_MAX} scopes`)
  const scopes: Scope[] = []
  for (const each of value as readonly unknown[]) {
    const read = readScope(each)
    if (typeof read === 'string') return problem(read)
    scopes.push(read)
  }
  return { scopes, problem: null }
}

/** True for what a JWT may be given. */
export function isJwtScopeType(type: string): type is JwtScopeType {
  return Object.hasOwn(NARROWED_BY, type)
}

function problem(text: string): JwtScopes {
  return { scopes: null, problem: text }
}

/** The scope, or what is wrong with it. */
function readScope(value: unknown): Scope | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'each of "scopes" must be an object {"type": ..., "resource": ...}'
  const members = new Map<string, unknown>(Object.entries(value))
  const type = members.get('type')
  const resource = members.get('resource')
  if (typeof type !== 'string' || !isJwtScopeType(type))
    return `a JWT's scopes are ${Object.keys(NARROWED_BY).join(', ')}`
  if (typeof resource !== 'string' || resource === '' || resource.length > TEXT_CHARACTERS_MAX)
    return `${type} needs a "resource": the name of a ${type === 'PIPES:READ' ? 'pipe' : 'data source'}`
  const unknown = [...members.keys()].find((name) => !MEMBERS.has(name))
  if (unknown !== undefined)
    return `a scope has no member "${unknown.slice(0, 50)}": it has ${[...MEMBERS].join(', ')}`
  const fixedParams = readFixedParams(type, members.get('fixed_params'))
  const filter = readFilter(type, members.get('filter'))
  if (typeof fixedParams === 'string') return fixedParams
  if (filter.problem !== null) return filter.problem
  return { type, resource, filter: filter.text, fixedParams }
}

function readFixedParams(type: JwtScopeType, value: unknown): Scope['fixedParams'] | string {
  if (value === undefined || value === null) return null
  if (typeof value !== 'object' || Array.isArray(value))
    return '"fixed_params" must be an object of parameters and their values'
  const entries = Object.entries(value)
  if (entries.length === 0) return null
  if (NARROWED_BY[type] !== 'fixed_params')
    return `"fixed_params" belongs to PIPES:READ, not ${type}`
  if (entries.length > FIXED_PARAMS_MAX)
    return `a scope has at most ${FIXED_PARAMS_MAX} of "fixed_params"`
  if (entries.some(([, each]) => each === null))
    return 'a value of "fixed_params" must not be null: it would fix nothing'
  const fixed = Object.create(null) as Record<string, unknown>
  for (const [name, each] of entries) fixed[name] = each
  return fixed
}

function readFilter(
  type: JwtScopeType,
  value: unknown,
): { readonly text: string | null; readonly problem: string | null } {
  if (value === undefined || value === null) return { text: null, problem: null }
  if (typeof value !== 'string' || value.trim() === '' || value.length > TEXT_CHARACTERS_MAX)
    return { text: null, problem: '"filter" must be a SQL condition' }
  if (NARROWED_BY[type] !== 'filter')
    return { text: null, problem: `"filter" belongs to DATASOURCES:READ, not ${type}` }
  return { text: value, problem: null }
}
