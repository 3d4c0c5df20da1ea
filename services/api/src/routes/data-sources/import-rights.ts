// Who may bring files in. Appending needs a scope for the data source; replacing takes rows away too; what does not exist yet needs
// DATASOURCES:CREATE.
import { findDataSource, type DeployedDataSource, type DeploymentMap } from '@sandpiper/deployment'
import { lacksScope, mayAppend, mayDrop, resourceDenied, type Principal } from '@sandpiper/tokens'

import { dataSourceFor } from './find-for-caller.ts'

/** What a request does. */
export type ImportMode = 'create' | 'append' | 'replace'

/** Refuses before the body is read whoever may bring in nothing at all. @throws fault `auth.denied`. */
export function refuseStrangers(principal: Principal): void {
  const mayAny =
    mayAppend(principal, null) || principal.scopes.some(({ type }) => type === 'DATASOURCES:APPEND')
  if (!mayAny) throw lacksScope('DATASOURCES:APPEND')
}

/** @throws fault `auth.denied` unless the token may make data sources. */
export function refuseCreation(principal: Principal): void {
  if (!mayAppend(principal, null)) throw lacksScope('DATASOURCES:CREATE')
}

/** The data source a file goes into. @throws fault `auth.denied` | `resource.missing` for those who may see what there is. */
export function importTarget(
  map: DeploymentMap,
  principal: Principal,
  name: string,
  mode: ImportMode,
): DeployedDataSource {
  if (findDataSource(map, name) === undefined && !mayAppend(principal, null))
    throw resourceDenied(name)
  return dataSourceFor(map, principal, name, ({ id }) => {
    if (mode === 'append') return mayAppend(principal, id)
    return mayAppend(principal, null) || (mayAppend(principal, id) && mayDrop(principal, id))
  })
}
