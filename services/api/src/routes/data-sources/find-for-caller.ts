import { findDataSource, type DeployedDataSource, type DeploymentMap } from '@sandpiper/deployment'
import { fault, type Fault } from '@sandpiper/faults'
import { isAdmin, resourceDenied, type Principal } from '@sandpiper/tokens'

/**
 * A data source by name or id that the caller may use in a way. Whoever is no admin learns nothing of what there is.
 * @throws fault `resource.missing` (admins) | `auth.denied`.
 */
export function dataSourceFor(
  map: DeploymentMap,
  principal: Principal,
  nameOrId: string,
  may: (source: DeployedDataSource) => boolean,
): DeployedDataSource {
  const found = findDataSource(map, nameOrId)
  if (found !== undefined && may(found)) return found
  throw found === undefined && isAdmin(principal)
    ? dataSourceMissing(nameOrId)
    : resourceDenied(nameOrId)
}

/** There is no data source of this name. */
function dataSourceMissing(name: string): Fault {
  return fault('resource.missing', { public: `Data Source '${name.slice(0, 300)}' not found` })
}
