import type { DeploymentBody } from '@sandpiper/contracts'

export interface Change {
  kind: 'Data source' | 'Pipe' | 'Connection'
  what: 'new' | 'changed' | 'removed'
  name: string
}

/** What a deployment makes, changes and removes, one by one. */
export function changesOf(deployment: DeploymentBody): Change[] {
  const of = (kind: Change['kind'], what: Change['what'], names: readonly string[]): Change[] =>
    names.map((name) => ({ kind, what, name }))
  return [
    ...of('Data source', 'new', deployment.new_datasource_names),
    ...of('Data source', 'changed', deployment.changed_datasource_names),
    ...of('Data source', 'removed', deployment.deleted_datasource_names),
    ...of('Pipe', 'new', deployment.new_pipe_names),
    ...of('Pipe', 'changed', deployment.changed_pipe_names),
    ...of('Pipe', 'removed', deployment.deleted_pipe_names),
    ...of('Connection', 'new', deployment.new_data_connector_names),
    ...of('Connection', 'changed', deployment.changed_data_connector_names),
    ...of('Connection', 'removed', deployment.deleted_data_connector_names),
  ]
}

/** `2 new, 1 changed`. */
export function summaryOf(deployment: DeploymentBody): string {
  const changes = changesOf(deployment)
  const counts = (['new', 'changed', 'removed'] as const)
    .map((what) => ({ what, count: changes.filter((each) => each.what === what).length }))
    .filter(({ count }) => count > 0)
    .map(({ what, count }) => `${count} ${what}`)
  return counts.length === 0 ? 'No changes' : counts.join(', ')
}
