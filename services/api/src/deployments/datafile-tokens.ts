import type { Catalog, NewToken } from '@sandpiper/catalog'
import { resourceLabel, type DeploymentMap, type PlanFeedback } from '@sandpiper/deployment'
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

/**
 * An ERROR for each TOKEN line whose name a token has that somebody made by hand, or that belongs to the workspace: a datafile
 * must not change its rights. Asked before anything is made, for a promotion that stops at its tokens would be half of one.
 */
export async function takenTokenNames(
  catalog: Pick<Catalog, 'listTokens'>,
  workspaceId: string,
  map: DeploymentMap,
): Promise<PlanFeedback[]> {
  const taken = new Set(
    (await catalog.listTokens(workspaceId))
      .filter(({ record }) => record.origin.type === 'C' || record.origin.type === 'W')
      .map(({ record }) => record.name),
  )
  return [...Object.values(map.dataSources), ...Object.values(map.pipes)].flatMap(({ file }) =>
    file.tokens
      .filter(({ name }) => taken.has(name))
      .map(({ name }) => ({
        resource: resourceLabel(file),
        level: 'ERROR' as const,
        message: `TOKEN ${name}: a token of this name exists and was not made by a datafile. Use another name.`,
      })),
  )
}
