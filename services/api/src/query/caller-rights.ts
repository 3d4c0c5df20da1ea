// What a token may learn beside the rows it may read, and which parameters its own SQL may not choose.
import { SYSTEM_WORKSPACE_ID, databaseName } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import type { CompiledQuery } from '@sandpiper/pipes'
import type { Principal } from '@sandpiper/tokens'

import { seesNames } from './authority.ts'

/** True for a token that sees some rows only: by a filter, or by parameters fixed for it. */
export function isRestricted(principal: Principal): boolean {
  if (seesNames(principal)) return false
  return principal.scopes.some(
    ({ filter, fixedParams }) => filter !== null || Object.keys(fixedParams ?? {}).length > 0,
  )
}

/** Whether how much was read would tell of rows of others: behind the caller's own filter, or behind the one of service data sources. */
export function hidesCost(principal: Principal, compiled: CompiledQuery): boolean {
  return isRestricted(principal) || readsService(compiled)
}

/** True when a query reads `tinybird.*`, whose tables hold rows of all workspaces. */
export function readsService({ tables }: Pick<CompiledQuery, 'tables'>): boolean {
  return tables.some(({ database }) => database === SYSTEM_DATABASE)
}

const SYSTEM_DATABASE = databaseName(SYSTEM_WORKSPACE_ID)

/**
 * Parameters that free SQL may not choose: those fixed for any pipe of the token, for the SQL may read each of them.
 * @throws fault `query.refused` when one name is fixed to different values: which one a template would get, nobody has said.
 */
export function fixedParamsOfAll(principal: Principal): Record<string, unknown> {
  const fixed: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const { type, fixedParams } of principal.scopes) {
    if (type !== 'PIPES:READ') continue
    for (const [name, value] of Object.entries(fixedParams ?? {})) {
      if (name in fixed && JSON.stringify(fixed[name]) !== JSON.stringify(value)) {
        throw fault('query.refused', {
          public: `[Error] The token fixes '${name}' to different values for different pipes: call the endpoints instead of SQL.`,
        })
      }
      fixed[name] = value
    }
  }
  return fixed
}
