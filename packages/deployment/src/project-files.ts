// The files of a project (or of a live map) by name, and who reads and feeds whom. Text is only looked at for table names.
import type {
  ConnectionFile,
  Datafile,
  DataSourceFile,
  PipeFile,
  PipeNode,
} from '@sandpiper/datafile'
import { findTables, type TableReference } from '@sandpiper/sql'

import type { DeploymentMap } from './deployment-map.ts'
import { SERVICE_DATABASE } from './service-data-sources.ts'

export interface ProjectFiles {
  readonly dataSources: ReadonlyMap<string, DataSourceFile>
  readonly pipes: ReadonlyMap<string, PipeFile>
  readonly connections: ReadonlyMap<string, ConnectionFile>
}

/** Files by name; the last one of a name wins, duplicates are reported elsewhere. */
export function projectFiles(files: readonly Datafile[]): ProjectFiles {
  const project = {
    dataSources: new Map<string, DataSourceFile>(),
    pipes: new Map<string, PipeFile>(),
    connections: new Map<string, ConnectionFile>(),
  }
  for (const file of files) {
    if (file.kind === 'datasource') project.dataSources.set(file.name, file)
    else if (file.kind === 'pipe') project.pipes.set(file.name, file)
    else project.connections.set(file.name, file)
  }
  return project
}

/** The files of a map. */
export function filesOfMap(map: DeploymentMap): ProjectFiles {
  return projectFiles([
    ...Object.values(map.dataSources).map((each) => each.file),
    ...Object.values(map.pipes).map((each) => each.file),
    ...Object.values(map.connections).map((each) => each.file),
  ])
}

/** The materialized node of a pipe; undefined when it has none. */
export function materializedNode(pipe: PipeFile): PipeNode | undefined {
  return pipe.nodes.find((node) => node.type === 'materialized')
}

/** Name of the data source a materialized pipe feeds; null for other pipes. */
export function targetName(pipe: PipeFile): string | null {
  return materializedNode(pipe)?.settings['DATASOURCE'] ?? null
}

/** The node other pipes read by the pipe's name: the endpoint, else the last. */
function readNode(pipe: PipeFile): PipeNode | undefined {
  return pipe.nodes.find((node) => node.type === 'endpoint') ?? pipe.nodes.at(-1)
}

/** Names a SQL text reads, in the order of the text, database-qualified ones left out; none when it cannot be read. */
function tablesOf(sql: string): string[] {
  return referencesOf(sql)
    .filter((each) => each.database === null && each.kind !== 'parameter')
    .map((each) => each.name)
    .filter((name) => name !== PLACEHOLDER)
}

/** Service data sources that a SQL text reads, as written. */
function servicesOf(sql: string): string[] {
  return referencesOf(sql)
    .filter((each) => each.database === SERVICE_DATABASE)
    .map((each) => `${SERVICE_DATABASE}.${each.name}`)
}

function referencesOf(sql: string): readonly TableReference[] {
  try {
    return findTables(withoutTags(sql)).references
  } catch {
    // Nested too deep to be read here: the engine's check refuses the query with its own words.
    return []
  }
}

const PLACEHOLDER = 'placeholder__'

/** A template with its tags taken out: enough to see table names, not to run. */
function withoutTags(sql: string): string {
  if (!sql.trimStart().startsWith('%')) return sql
  const parts = sql.trimStart().slice(1).split('{')
  return parts
    .map((part, index) => {
      if (index === 0) return part
      const close = part.startsWith('{')
        ? '}}'
        : part.startsWith('%')
          ? '%}'
          : part.startsWith('#')
            ? '#}'
            : null
      const end = close === null ? -1 : part.indexOf(close)
      if (close === null || end < 0) return close === null && part !== '' ? `{${part}` : ''
      return `${close === '}}' ? PLACEHOLDER : ' '}${part.slice(end + 2)}`
    })
    .join('')
}

/** What the output of a pipe is made of: every node text it runs through, and every data source it reads, leftmost first. */
export interface PipeReads {
  readonly dataSources: readonly string[]
  readonly unknown: readonly string[]
  /** Service data sources, as `tinybird.x`. */
  readonly services: readonly string[]
  /** Equal when the query is the same, whatever the pipe's description, tokens or unused nodes are. */
  readonly fingerprint: string
  /** Names of pipes that read each other in a circle; null when there is none. */
  readonly circle: readonly string[] | null
}

/** Follows a pipe through its nodes and the pipes it reads. */
export function pipeReads(pipe: PipeFile, project: ProjectFiles): PipeReads {
  const dataSources = new Set<string>()
  const unknown = new Set<string>()
  const services = new Set<string>()
  const texts: string[] = []
  const seen = new Set<string>()
  let circle: readonly string[] | null = null
  const visitPipe = (each: PipeFile, path: readonly string[]): void => {
    if (path.includes(each.name)) {
      circle ??= [...path.slice(path.indexOf(each.name)), each.name]
      return
    }
    const output = path.length === 0 ? (materializedNode(each) ?? readNode(each)) : readNode(each)
    if (output !== undefined) visitNode(each, output, [...path, each.name])
  }
  const visitNode = (each: PipeFile, node: PipeNode, path: readonly string[]): void => {
    const key = `${each.name}.${node.name}`
    if (seen.has(key)) {
      // A node met again is in a circle only when a pipe on the way to it is.
      return
    }
    seen.add(key)
    texts.push(`${key}\n${node.sql}`)
    for (const name of servicesOf(node.sql)) services.add(name)
    for (const name of tablesOf(node.sql)) {
      const inner = each.nodes.find((other) => other.name === name && other !== node)
      const other = project.pipes.get(name)
      if (inner !== undefined) visitNode(each, inner, path)
      else if (project.dataSources.has(name)) dataSources.add(name)
      else if (other !== undefined) visitPipe(other, path)
      else unknown.add(name)
    }
  }
  visitPipe(pipe, [])
  return {
    dataSources: [...dataSources],
    unknown: [...unknown],
    services: [...services],
    fingerprint: texts.join('\n\0\n'),
    circle,
  }
}

/** The materialized pipes that feed each data source. */
export function feedersByTarget(project: ProjectFiles): Map<string, PipeFile[]> {
  const feeders = new Map<string, PipeFile[]>()
  for (const pipe of project.pipes.values()) {
    const target = targetName(pipe)
    if (target !== null) feeders.set(target, [...(feeders.get(target) ?? []), pipe])
  }
  return feeders
}
