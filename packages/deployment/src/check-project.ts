// Rules over all files of a project at once. What only the engine can know (types, functions) is asked of it by the executor.
import type { Datafile, DataSourceFile, PipeFile } from '@sandpiper/datafile'

import { checkKafka } from './check-kafka.ts'
import { effectiveEngine } from './effective-engine.ts'
import { isAllowedSetting } from './engine-settings.ts'
import { resourceLabel, type PlanFeedback } from './plan.ts'
import { feedersByTarget, materializedNode, pipeReads, type ProjectFiles } from './project-files.ts'

/** Every rule that is broken, as ERROR feedback. */
export function checkProject(files: readonly Datafile[], project: ProjectFiles): PlanFeedback[] {
  return [
    ...duplicates(files),
    ...[...project.dataSources.values()].flatMap((each) => checkDataSource(each, project)),
    ...[...project.pipes.values()].flatMap((each) => checkPipe(each, project)),
    ...feedingCircles(project),
    ...checkKafka(project),
  ]
}

function error(file: Pick<Datafile, 'kind' | 'name'>, message: string): PlanFeedback {
  return { resource: resourceLabel(file), level: 'ERROR', message }
}

function duplicates(files: readonly Datafile[]): PlanFeedback[] {
  const seen = new Map<string, Datafile>()
  return files.flatMap((file) => {
    // Data sources and pipes are both tables in SQL, so they share their names; connections do not.
    const key = file.kind === 'connection' ? `connection ${file.name}` : file.name
    const other = seen.get(key)
    seen.set(key, file)
    return other === undefined
      ? []
      : [error(file, `The name ${file.name} is already used by ${resourceLabel(other)}`)]
  })
}

function checkDataSource(file: DataSourceFile, project: ProjectFiles): PlanFeedback[] {
  const found: PlanFeedback[] = []
  for (const name of Object.keys(effectiveEngine(file).settings)) {
    if (!isAllowedSetting(name)) found.push(error(file, `ENGINE_SETTINGS ${name} is not allowed`))
  }
  for (const directive of ['KAFKA_CONNECTION_NAME', 'IMPORT_CONNECTION_NAME']) {
    const name = file.settings[directive]
    if (name !== undefined && !project.connections.has(name))
      found.push(error(file, `${directive}: connection ${name} not found`))
  }
  const base = file.name.endsWith('_quarantine') ? file.name.slice(0, -'_quarantine'.length) : null
  if (base !== null && project.dataSources.has(base))
    found.push(error(file, `The name is taken by the quarantine of ${base}`))
  return found
}

function checkPipe(file: PipeFile, project: ProjectFiles): PlanFeedback[] {
  const found: PlanFeedback[] = []
  for (const node of file.nodes) {
    for (const directive of ['DATASOURCE', 'TARGET_DATASOURCE']) {
      const name = node.settings[directive]
      if (name !== undefined && !project.dataSources.has(name)) {
        found.push(error(file, `Node ${node.name}: ${directive} ${name} not found`))
      }
    }
    const connection = node.settings['EXPORT_CONNECTION_NAME']
    if (connection !== undefined && !project.connections.has(connection)) {
      found.push(error(file, `Node ${node.name}: EXPORT_CONNECTION_NAME ${connection} not found`))
    }
  }
  const reads = pipeReads(file, project)
  if (reads.circle !== null)
    found.push(error(file, `Pipes read each other in a circle: ${reads.circle.join(' -> ')}`))
  if (materializedNode(file) === undefined) return found
  for (const name of reads.unknown) found.push(error(file, `Resource '${name}' not found`))
  for (const name of reads.services) {
    const why = `A materialized pipe cannot read the service data source ${name}: use an endpoint`
    found.push(error(file, why))
  }
  if (reads.dataSources.length + reads.unknown.length + reads.services.length === 0) {
    found.push(error(file, 'A materialized pipe must read a data source'))
  }
  return found
}

function feedingCircles(project: ProjectFiles): PlanFeedback[] {
  const order = fillOrder(project)
  return order.circle.flatMap((name) => {
    const file = project.dataSources.get(name)
    return file === undefined
      ? []
      : [error(file, `Materializations feed each other in a circle through ${name}`)]
  })
}

/** Data sources in an order in which each comes after those that feed it; `circle` holds those for which there is none. */
export function fillOrder(project: ProjectFiles): { order: string[]; circle: string[] } {
  const feeders = feedersByTarget(project)
  const waiting = new Map<string, Set<string>>()
  for (const name of project.dataSources.keys()) {
    const sources = (feeders.get(name) ?? []).flatMap(
      (pipe) => pipeReads(pipe, project).dataSources,
    )
    waiting.set(name, new Set(sources))
  }
  const order: string[] = []
  for (;;) {
    const ready = [...waiting].filter(([, sources]) =>
      [...sources].every((each) => !waiting.has(each)),
    )
    if (ready.length === 0) return { order, circle: [...waiting.keys()] }
    for (const [name] of ready) {
      order.push(name)
      waiting.delete(name)
    }
  }
}
