// What a principal may do. Everything is refused that is not said here. `ADMIN` is everything inside its workspace; `ADMIN_USER`
// is that, and making and removing workspaces of the whole server. A JWT reads and appends, it never manages.
import { fault, type Fault } from '@sandpiper/faults'

import type { Principal, Scope, ScopeType } from './principal.ts'

/** Every right inside the workspace of the token. */
export function isAdmin(principal: Principal): boolean {
  return principal.kind === 'static' && (has(principal, 'ADMIN') || has(principal, 'ADMIN_USER'))
}

/** Every right on the server: all workspaces, making and removing them. */
export function isServerAdmin(principal: Principal): boolean {
  return principal.kind === 'static' && has(principal, 'ADMIN_USER')
}

/** Creating, listing, refreshing and removing tokens. */
export function mayManageTokens(principal: Principal): boolean {
  return isAdmin(principal) || (principal.kind === 'static' && has(principal, 'TOKENS'))
}

/** Whether the principal may see, give or take away these rights; keeps TOKENS from becoming ADMIN, and ADMIN from ADMIN_USER. */
export function mayGrant(principal: Principal, scopes: readonly Scope[]): boolean {
  if (isServerAdmin(principal)) return true
  if (scopes.some((scope) => scope.type === 'ADMIN_USER')) return false
  if (isAdmin(principal)) return true
  return mayManageTokens(principal) && !scopes.some((scope) => scope.type === 'ADMIN')
}

/** Calling an endpoint. @param pipeId `t_...`, never a name. */
export function mayReadPipe(principal: Principal, pipeId: string): boolean {
  return readsAll(principal) || has(principal, 'PIPES:READ', pipeId)
}

/**
 * Parameters of a pipe that win over whatever the caller sends; empty for static tokens.
 * When several scopes name the pipe the last one that fixes a parameter wins.
 */
export function fixedParamsFor(principal: Principal, pipeId: string): Record<string, unknown> {
  const fixed: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const scope of principal.scopes) {
    if (scope.type === 'PIPES:READ' && scope.resource === pipeId)
      Object.assign(fixed, scope.fixedParams)
  }
  return fixed
}

/** Reading a data source in SQL; `filter` is null for every row, else a SQL boolean over its columns. */
export type DataSourceRight =
  { readonly allowed: false } | { readonly allowed: true; readonly filter: string | null }

/** Whether and which rows of a data source may be read. Several scopes add up: their filters are joined by OR. @param dataSourceId `t_...` */
export function mayReadDataSource(principal: Principal, dataSourceId: string): DataSourceRight {
  if (readsAll(principal)) return { allowed: true, filter: null }
  const scopes = principal.scopes.filter(
    (scope) => scope.type === 'DATASOURCES:READ' && scope.resource === dataSourceId,
  )
  if (scopes.length === 0) return { allowed: false }
  const filters = scopes.flatMap((scope) => (scope.filter === null ? [] : [scope.filter]))
  // One scope without a filter shows every row.
  if (filters.length < scopes.length) return { allowed: true, filter: null }
  return { allowed: true, filter: filters.map((filter) => `(${filter})`).join(' OR ') }
}

/** What tells of rows that no filter is put on, such as counts and refused lines. @param dataSourceId `t_...` */
export function mayReadEveryRow(principal: Principal, dataSourceId: string): boolean {
  const right = mayReadDataSource(principal, dataSourceId)
  return right.allowed && right.filter === null
}

/** Whether there is anything to read at all: a token that only appends stands in web pages and may not make the engine work. */
export function mayRead(principal: Principal): boolean {
  return (
    readsAll(principal) ||
    principal.scopes.some(({ type }) => type === 'DATASOURCES:READ' || type === 'PIPES:READ')
  )
}

/** Making pipes, and so trying nodes that are no pipe yet. Says nothing of what they may read. */
export function mayCreatePipes(principal: Principal): boolean {
  return isAdmin(principal) || (principal.kind === 'static' && has(principal, 'PIPES:CREATE'))
}

/** Appending events or files. @param dataSourceId `t_...`, or null for one that does not exist yet. */
export function mayAppend(principal: Principal, dataSourceId: string | null): boolean {
  if (isAdmin(principal)) return true
  if (principal.kind === 'static' && has(principal, 'DATASOURCES:CREATE')) return true
  return dataSourceId !== null && has(principal, 'DATASOURCES:APPEND', dataSourceId)
}

/** Bringing quarantined rows in, and stopping that. @param dataSourceId `t_...` */
export function mayReplay(principal: Principal, dataSourceId: string): boolean {
  return mayReadEveryRow(principal, dataSourceId) && mayAppend(principal, dataSourceId)
}

/** Truncating and deleting rows. @param dataSourceId `t_...` */
export function mayDrop(principal: Principal, dataSourceId: string): boolean {
  if (isAdmin(principal)) return true
  return principal.kind === 'static' && has(principal, 'DATASOURCES:DROP', dataSourceId)
}

/** The refusal of a token without a scope. Says the scope, never what exists. */
export function lacksScope(scope: ScopeType): Fault {
  return fault('auth.denied', {
    public: `The token lacks a scope for this: it needs ${scope}.`,
  })
}

/** The refusal of a resource the token may not use: the same words whether it exists or not. */
export function resourceDenied(name: string): Fault {
  return fault('auth.denied', { public: `Resource '${name}' not found` })
}

function readsAll(principal: Principal): boolean {
  return isAdmin(principal) || (principal.kind === 'static' && has(principal, 'WORKSPACE:READ_ALL'))
}

function has(principal: Principal, type: ScopeType, resource: string | null = null): boolean {
  return principal.scopes.some((scope) => scope.type === type && scope.resource === resource)
}
