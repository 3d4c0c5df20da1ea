import { fault } from '@sandpiper/faults'
import { isPlainCondition, type Authority } from '@sandpiper/pipes'
import { isAdmin, mayReadDataSource, mayReadPipe, type Principal } from '@sandpiper/tokens'

/** True when the caller may learn which resources exist: then an unknown one is 404 or named, else it is the 403 of a forbidden one. */
export function seesNames(principal: Principal): boolean {
  if (isAdmin(principal)) return true
  return (
    principal.kind === 'static' &&
    principal.scopes.some(({ type }) => type === 'WORKSPACE:READ_ALL')
  )
}

/**
 * What a token may read, in the words of the compiler.
 * @throws fault `query.refused`, when asked, for a token with a filter that could widen itself (`1) OR (1`).
 */
export function authorityOf(principal: Principal): Authority {
  return {
    seesNames: seesNames(principal),
    mayRead({ kind, id }) {
      if (kind === 'pipe') return { allowed: mayReadPipe(principal, id), filter: null }
      assertPlainFilters(principal, id)
      const right = mayReadDataSource(principal, id)
      return right.allowed ? right : { allowed: false, filter: null }
    },
  }
}

// mayReadDataSource joins several filters by OR, each in brackets: what is not whole by itself must not get that far.
function assertPlainFilters(principal: Principal, dataSourceId: string): void {
  for (const { type, resource, filter } of principal.scopes) {
    if (type !== 'DATASOURCES:READ' || resource !== dataSourceId) continue
    if (filter === null || isPlainCondition(filter)) continue
    throw fault('query.refused', { public: "The token's filter is not one plain SQL condition." })
  }
}
