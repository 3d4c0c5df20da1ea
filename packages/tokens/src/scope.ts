// The text of scopes: `ADMIN`, `DATASOURCES:READ:<name>`, `PIPES:READ:<name>`. Names inside may be names or ids; whoever makes a
// token resolves them, for a stored scope holds ids.
import { fault } from '@sandpiper/faults'

import type { Scope, ScopeType } from './principal.ts'

/** How each scope is written: with or without a resource behind it. Source: Tinybird token docs, read 2026-11. */
const SCOPES = {
  ADMIN: 'workspace',
  ADMIN_USER: 'workspace',
  TOKENS: 'workspace',
  'DATASOURCES:CREATE': 'workspace',
  'DATASOURCES:APPEND': 'data source',
  'DATASOURCES:DROP': 'data source',
  'DATASOURCES:READ': 'data source',
  'PIPES:CREATE': 'workspace',
  'PIPES:DROP': 'pipe',
  'PIPES:READ': 'pipe',
  'WORKSPACE:READ_ALL': 'workspace',
  'ORG_DATASOURCES:READ': 'workspace',
} as const satisfies Record<ScopeType, 'workspace' | 'data source' | 'pipe'>

/** What a scope is about. */
export type ScopeSubject = (typeof SCOPES)[ScopeType]

/** True for the type of a scope we know. */
export function isScopeType(text: string): text is ScopeType {
  return Object.hasOwn(SCOPES, text)
}

/** Whether scopes of this type name a data source, a pipe, or nothing. */
export function scopeSubject(type: ScopeType): ScopeSubject {
  return SCOPES[type]
}

/**
 * Reads one scope as it is written in `scope=`. `resource` comes back as written, not resolved.
 * @throws fault `request.invalid` for an unknown type, a missing or superfluous resource, or the `:sql_filter` suffix, which static
 * tokens do not have (a filter belongs in a JWT).
 */
export function parseScope(text: string): Scope {
  const [area = '', verb, ...rest] = text.split(':')
  if (isScopeType(area)) return workspaceScope(area, text, verb !== undefined)
  const type = `${area}:${verb ?? ''}`
  if (!isScopeType(type)) {
    throw fault('request.invalid', {
      public: `Unknown scope "${text}". Known scopes: ${Object.keys(SCOPES).join(', ')}.`,
    })
  }
  const subject = scopeSubject(type)
  if (subject === 'workspace') return workspaceScope(type, text, rest.length > 0)
  const [resource = '', ...filter] = rest
  if (resource === '') {
    throw fault('request.invalid', {
      public: `Scope "${text}" needs a ${subject}: write ${type}:<name>.`,
    })
  }
  if (filter.length > 0) {
    throw fault('request.invalid', {
      public: `Scope "${text}" has a filter. Static tokens have none: write ${type}:${resource}.`,
    })
  }
  return { type, resource, filter: null, fixedParams: null }
}

/** Writes a scope as it is read; a filter is not part of the text. @param nameOf gives the name of a resource id. */
export function printScope(scope: Scope, nameOf: (resource: string) => string): string {
  return scope.resource === null ? scope.type : `${scope.type}:${nameOf(scope.resource)}`
}

function workspaceScope(type: ScopeType, text: string, hasMore: boolean): Scope {
  if (hasMore) {
    throw fault('request.invalid', { public: `Scope "${text}" takes no resource: write ${type}.` })
  }
  return { type, resource: null, filter: null, fixedParams: null }
}
