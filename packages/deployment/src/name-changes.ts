import { printDatafile, type Datafile } from '@sandpiper/datafile'

import type { DeploymentMap } from './deployment-map.ts'
import type { PlanContext } from './plan-context.ts'
import { resourceLabel, type NameChanges, type PlanFeedback, type ProjectChanges } from './plan.ts'
import type { ProjectFiles } from './project-files.ts'

/** Which resources a project adds, changes and no longer has. Files are compared by what they print, not by their spelling. */
export function changedNames(live: DeploymentMap, after: ProjectFiles): ProjectChanges {
  return {
    dataSources: changesOf(live.dataSources, after.dataSources),
    pipes: changesOf(live.pipes, after.pipes),
    connections: changesOf(live.connections, after.connections),
  }
}

function changesOf(
  live: Readonly<Record<string, { readonly file: Datafile }>>,
  after: ReadonlyMap<string, Datafile>,
): NameChanges {
  const before = new Map(Object.entries(live))
  const names = [...after.keys()].toSorted()
  return {
    created: names.filter((name) => !before.has(name)),
    changed: names.filter((name) => {
      const old = before.get(name)?.file
      const file = after.get(name)
      return old !== undefined && file !== undefined && printDatafile(old) !== printDatafile(file)
    }),
    deleted: [...before.keys()].filter((name) => !after.has(name)).toSorted(),
  }
}

/** What is said of resources that are no longer there: refused in a deploy without leave, else a warning. */
export function deletionFeedback(ctx: PlanContext, changes: ProjectChanges): PlanFeedback[] {
  const kinds = [
    ['datasource', changes.dataSources],
    ['pipe', changes.pipes],
    ['connection', changes.connections],
  ] as const
  const allowed = ctx.mode === 'build' || ctx.allowDestructive
  return kinds.flatMap(([kind, { deleted }]) =>
    deleted.map((name): PlanFeedback => {
      const resource = resourceLabel({ kind, name })
      if (!allowed) {
        const message = `${name} is not in the project and would be removed. To remove it: sandpiper deploy --allow-destructive-operations, or allow_destructive_operations=true of /v1/deploy.`
        return { resource, level: 'ERROR', message }
      }
      const message =
        kind === 'datasource' ? `${name} is removed with all its rows.` : `${name} is removed.`
      return { resource, level: 'WARNING', message }
    }),
  )
}
