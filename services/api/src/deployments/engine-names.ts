import { Fault } from '@sandpiper/faults'
import { quarantineTableName, tableName, viewName, type DeploymentMap } from '@sandpiper/deployment'
import { translateError } from '@sandpiper/pipes'

/** The text of a failure in the user's own names. A bug keeps its stack for the log: it is thrown on. */
export function failureText(err: unknown, maps: readonly DeploymentMap[]): string {
  if (!(err instanceof Fault)) throw err
  const names = new Map<string, string>()
  for (const map of maps) {
    for (const [name, { id, generation }] of Object.entries(map.dataSources)) {
      names.set(tableName(id, generation), name)
      names.set(quarantineTableName(id, generation), `${name}_quarantine`)
    }
    for (const [name, { id, view }] of Object.entries(map.pipes)) {
      if (view !== null) names.set(viewName(id, view.generation), name)
    }
  }
  return translateError(err.details.public, names).replace(/^\[Error\] /, '')
}

/** Whether a failure says something about the project, not about the engine being away or busy. */
export function isProjectFault(err: unknown): boolean {
  return (
    err instanceof Fault &&
    ['query.failed', 'query.refused', 'template.error', 'resource.missing'].includes(err.code)
  )
}
