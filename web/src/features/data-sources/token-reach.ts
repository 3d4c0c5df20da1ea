// Which tokens reach a data source, and by which right.
import type { PipeBody, ScopeBody, TokenBody } from '@sandpiper/contracts'

export interface Reach {
  token: TokenBody
  /** Each a right in words, such as `reads`, or `reads by the endpoint top`. */
  ways: { text: string; tone: 'read' | 'write' | 'admin'; filter?: string }[]
}

/** @param readers pipes that read the data source, directly or through others. */
export function tokensThatReach(
  name: string,
  tokens: readonly TokenBody[],
  readers: readonly Pick<PipeBody, 'name'>[],
): Reach[] {
  const pipes = new Set(readers.map((each) => each.name))
  return tokens
    .map((token) => ({
      token,
      ways: token.scopes.flatMap((scope) => wayOf(scope, name, pipes)),
    }))
    .filter(({ ways }) => ways.length > 0)
}

/** Tokens that may append and whose values the caller was told, the narrowest first; never an administrator's. */
export function appendTokens(name: string, tokens: readonly TokenBody[]): TokenBody[] {
  return tokens
    .filter(
      ({ token, scopes }) =>
        token !== undefined &&
        scopes.some(({ type, resource }) => type === 'DATASOURCES:APPEND' && resource === name) &&
        scopes.every(({ type }) => !type.startsWith('ADMIN')),
    )
    .sort((a, b) => a.scopes.length - b.scopes.length)
}

function wayOf(
  { type, resource, filter }: ScopeBody,
  name: string,
  pipes: ReadonlySet<string>,
): Reach['ways'] {
  const own = resource === name
  if (type === 'ADMIN' || type === 'ADMIN_USER') return [{ text: 'everything', tone: 'admin' }]
  if (type === 'DATASOURCES:CREATE') return [{ text: 'appends to every one', tone: 'write' }]
  if (type === 'WORKSPACE:READ_ALL') return [{ text: 'reads every one', tone: 'read' }]
  if (type === 'DATASOURCES:READ' && own)
    return [{ text: 'reads', tone: 'read', ...(filter === undefined ? {} : { filter }) }]
  if (type === 'DATASOURCES:APPEND' && own) return [{ text: 'appends', tone: 'write' }]
  if (type === 'DATASOURCES:DROP' && own) return [{ text: 'deletes rows', tone: 'write' }]
  if (type === 'PIPES:READ' && resource !== undefined && pipes.has(resource))
    return [{ text: `reads by the pipe ${resource}`, tone: 'read' }]
  return []
}
