// From the live map and the files of a project to what a deployment will do. Pure: the same input gives the same plan, and
// planning a project over its own result changes nothing. Rows are the yardstick: whatever would lose some is said or refused.
import { printDatafile } from '@sandpiper/datafile'

import { kafkaChanges } from './check-kafka.ts'
import { checkProject, fillOrder } from './check-project.ts'
import type { DeploymentMap } from './deployment-map.ts'
import { changedNames, deletionFeedback } from './name-changes.ts'
import type { DeploymentPlan, PlanFeedback, PlannedSchema } from './plan.ts'
import type { PlanContext, PlanInput } from './plan-context.ts'
import { planPipes } from './plan-pipes.ts'
import { planTables } from './plan-tables.ts'
import {
  feedersByTarget,
  filesOfMap,
  pipeReads,
  projectFiles,
  type PipeReads,
  type ProjectFiles,
} from './project-files.ts'

/** Plans a deployment. Never throws for what the files say: whatever is wrong is ERROR feedback and the result `failed`. */
export function planDeployment(input: PlanInput): DeploymentPlan {
  const ctx = createContext(input)
  const broken = checkProject(input.files, ctx.after)
  const changes = changedNames(input.live, ctx.after)
  if (broken.length > 0) {
    return {
      result: 'failed',
      feedback: broken,
      changes,
      next: input.live,
      schemas: [],
      tables: [],
      views: [],
    }
  }
  const tables = planTables(ctx)
  const pipes = planPipes(ctx, tables)
  const feedback: PlanFeedback[] = [
    ...deletionFeedback(ctx, changes),
    ...tables.feedback,
    ...pipes.feedback,
    ...kafkaChanges(ctx.before, ctx.after),
  ]
  const next: DeploymentMap = {
    dataSources: tables.dataSources,
    pipes: pipes.pipes,
    connections: Object.fromEntries(planConnections(ctx)),
  }
  const isSame = [changes.dataSources, changes.pipes, changes.connections].every(
    (each) => each.created.length + each.changed.length + each.deleted.length === 0,
  )
  const failed = feedback.some((each) => each.level === 'ERROR')
  return {
    result: failed ? 'failed' : isSame ? 'no_changes' : 'success',
    feedback,
    changes,
    next: isSame ? input.live : next,
    schemas: newSchemas(input.live, next),
    tables: tables.changes,
    views: pipes.views,
  }
}

function createContext(input: PlanInput): PlanContext {
  const before = filesOfMap(input.live)
  const after = projectFiles(input.files)
  const reads = (project: ProjectFiles): Map<string, PipeReads> =>
    new Map(
      [...feedersByTarget(project).values()]
        .flat()
        .map((pipe) => [pipe.name, pipeReads(pipe, project)] as const),
    )
  const { order } = fillOrder(after)
  return { ...input, before, after, readsBefore: reads(before), readsAfter: reads(after), order }
}

function planConnections(ctx: PlanContext): [string, DeploymentMap['connections'][string]][] {
  return [...ctx.after.connections.values()].map((file) => {
    const live = ctx.before.connections.has(file.name) ? ctx.live.connections[file.name] : undefined
    if (live !== undefined && printDatafile(live.file) === printDatafile(file))
      return [file.name, live]
    const id = live?.id ?? ctx.newId()
    return [file.name, { id, file, createdAt: live?.createdAt ?? ctx.now, updatedAt: ctx.now }]
  })
}

function newSchemas(live: DeploymentMap, next: DeploymentMap): PlannedSchema[] {
  return Object.entries(next.dataSources)
    .filter(([name, each]) => {
      const before = Object.hasOwn(live.dataSources, name) ? live.dataSources[name] : undefined
      return before?.id !== each.id || before.schemaVersion !== each.schemaVersion
    })
    .map(([, { id, schemaVersion, generation, file }]) => ({
      dataSourceId: id,
      version: schemaVersion,
      generation,
      columns: file.columns,
    }))
}
