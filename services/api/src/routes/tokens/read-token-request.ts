// What a caller wants of a token: name, description, scopes. Clients send scopes as repeated `scope=` or as JSON objects.
import type { DeploymentMap } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import {
  parseScope,
  readLimits,
  resourceId,
  scopeSubject,
  TOKEN_LIMIT_NAMES,
  type Limits,
  type Scope,
} from '@sandpiper/tokens'

import type { Params } from '../../read-params.ts'

const SCOPES_MAX = 100
const NAME_CHARACTERS_MAX = 256
const DESCRIPTION_CHARACTERS_MAX = 4_096

/** Token names are free text, but for control characters. @throws fault `request.invalid`. */
export function readName(params: Params): string {
  const name = params.values.get('name')?.trim() ?? ''
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (name === '' || name.length > NAME_CHARACTERS_MAX || /[\u0000-\u001f\u007f]/.test(name)) {
    throw fault('request.invalid', {
      public: `Parameter "name" must be 1 to ${NAME_CHARACTERS_MAX} characters without control characters.`,
    })
  }
  return name
}

/** The description, or undefined when none was sent. @throws fault `request.invalid`. */
export function readDescription(params: Params): string | undefined {
  const description = params.values.get('description')
  if (description === null) return undefined
  if (description.length > DESCRIPTION_CHARACTERS_MAX || description.includes('\0')) {
    throw fault('request.invalid', {
      public: `Parameter "description" has at most ${DESCRIPTION_CHARACTERS_MAX} characters.`,
    })
  }
  return description
}

/** The limits, or undefined when none were sent. @throws fault `request.invalid`. */
export function readTokenLimits({ json, values }: Params): Limits | undefined {
  const sent = json?.['limits']
  if (sent === undefined) {
    // As a form it could not be told from a name that nobody reads, and the token would have no limit.
    if (values.has('limits'))
      throw fault('request.invalid', { public: 'Send "limits" in a JSON body.' })
    return undefined
  }
  const { limits, problem } = readLimits(sent, TOKEN_LIMIT_NAMES)
  if (problem === null) return limits
  throw fault('request.invalid', { public: `Invalid limits: ${problem}.` })
}

/**
 * Limits would not hold for who can make a token without them. @throws fault `request.invalid`.
 */
export function refuseLimitedManager(scopes: readonly Scope[], limits: Limits): void {
  const managing = scopes.find(({ type }) => ['ADMIN', 'ADMIN_USER', 'TOKENS'].includes(type))
  if (managing === undefined || Object.keys(limits).length === 0) return
  throw fault('request.invalid', {
    public: `A token with ${managing.type} has no limits of its own: it could make one without them. Limit its workspace.`,
  })
}

/**
 * The scopes, with names resolved to ids by the live map; empty when none were sent.
 * @throws fault `request.invalid` for an unknown scope or resource, or more than 100 scopes.
 */
export function readScopes(params: Params, map: DeploymentMap): Scope[] {
  const texts = [...params.values.getAll('scope'), ...jsonScopes(params.json?.['scopes'])]
  if (texts.length > SCOPES_MAX) {
    throw fault('request.invalid', { public: `A token has at most ${SCOPES_MAX} scopes.` })
  }
  const scopes = texts.map((text) => resolve(parseScope(text.trim()), map))
  const unique = new Map(scopes.map((scope) => [`${scope.type} ${scope.resource ?? ''}`, scope]))
  return [...unique.values()]
}

function jsonScopes(scopes: unknown): string[] {
  if (scopes === undefined) return []
  const list: unknown[] = Array.isArray(scopes) ? scopes : [scopes]
  return list.map((scope) => {
    if (typeof scope === 'string') return scope
    const { type, resource, filter, fixed_params } = Object(scope) as Partial<
      Record<string, unknown>
    >
    // Left out it would be a token that reads more than was asked for.
    if (fixed_params !== undefined && fixed_params !== null) {
      throw fault('request.invalid', {
        public: 'Static tokens have no "fixed_params": send expiration_time to make a JWT.',
      })
    }
    if (typeof type !== 'string') {
      throw fault('request.invalid', {
        public: 'Each of "scopes" is a text or an object {"type": ..., "resource": ...}.',
      })
    }
    return [type, resource, filter]
      .filter((part) => typeof part === 'string' && part !== '')
      .join(':')
  })
}

function resolve(scope: Scope, map: DeploymentMap): Scope {
  const subject = scopeSubject(scope.type)
  if (scope.resource === null || subject === 'workspace') return scope
  const id = resourceId(map, scope.type, scope.resource)
  if (id === null) {
    throw fault('request.invalid', {
      public: `Scope ${scope.type}:${scope.resource}: there is no ${subject} "${scope.resource}".`,
    })
  }
  return { ...scope, resource: id }
}
