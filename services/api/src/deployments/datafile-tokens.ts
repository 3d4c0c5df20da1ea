import type { NewToken } from '@sandpiper/catalog'
import type { DeploymentMap } from '@sandpiper/deployment'
import type { Scope } from '@sandpiper/tokens'

type DatafileToken = Omit<NewToken, 'workspaceId'>

/** The tokens that the TOKEN lines of a map ask for: one per name, with the rights of all lines that name it. */
export function datafileTokens(map: DeploymentMap): DatafileToken[] {
  const byName = new Map<string, DatafileToken>()
  const add = (name: string, type: Scope['type'], resource: string, origin: 'DS' | 'P'): void => {
    const scope: Scope = { type, resource, filter: null, fixedParams: null }
    const known = byName.get(name)
    const isThere =
      known?.scopes.some((each) => each.type === type && each.resource === resource) === true
    if (isThere) return
    byName.set(name, {
      name,
      scopes: [...(known?.scopes ?? []), scope],
      origin: known?.origin ?? { type: origin, resourceId: resource },
    })
  }
  for (const { id, file } of Object.values(map.dataSources)) {
    for (const { name, scope } of file.tokens)
      add(name, scope === 'READ' ? 'DATASOURCES:READ' : 'DATASOURCES:APPEND', id, 'DS')
  }
  for (const { id, file } of Object.values(map.pipes)) {
    for (const { name } of file.tokens) add(name, 'PIPES:READ', id, 'P')
  }
  return [...byName.values()]
}
