import type { DeploymentMap } from '@sandpiper/deployment'

const DATABASE = /`?ws_[0-9a-f]{32}`?\./g
const TABLE = /`?(t_[0-9a-f]{32})(?:_\d+)?(?:_view|_forward|_quarantine)?`?/g

/** The text with our names for databases, tables and views replaced by the user's. */
export function userNames(text: string, map: DeploymentMap): string {
  const names = new Map<string, string>()
  for (const each of [...Object.values(map.dataSources), ...Object.values(map.pipes)])
    names.set(each.id, each.file.name)
  return text
    .replaceAll(DATABASE, '')
    .replaceAll(TABLE, (_, id: string) => names.get(id) ?? 'a table')
}
