import type { CopyState } from '@sandpiper/catalog'
import { wireTime } from '@sandpiper/contracts'
import type { PipeFile, PipeNode } from '@sandpiper/datafile'
import { copyOf, type DeployedPipe, type DeploymentMap } from '@sandpiper/deployment'
import { endpointNode, nodeDependencies, pipeParams } from '@sandpiper/pipes'

/** Output columns of a node. */
export interface NodeColumn {
  readonly name: string
  readonly type: string
}

/**
 * A pipe as listed and in detail. `schedule.status` is `running`, `paused` or `cancelled`. Parameters stand at the node whose rows are given.
 * Source: Tinybird pipes API reference and SDK (src/api/resources.ts), read 2026-11.
 */
export function pipeBody(
  map: DeploymentMap,
  pipe: DeployedPipe,
  columns: readonly NodeColumn[],
  copyState: CopyState = 'running',
): Record<string, unknown> {
  const { file, id, nodeIds, createdAt, updatedAt } = pipe
  const special = file.nodes.find((each) => each.type !== 'standard')
  const endpoint = endpointNode(file)
  const output = special === undefined ? file.nodes.length - 1 : file.nodes.indexOf(special)
  const times = { created_at: wireTime(createdAt), updated_at: wireTime(updatedAt) }
  const copy = copyOf(file)
  return {
    id,
    name: file.name,
    description: file.description,
    type:
      special?.type === 'copy' || special?.type === 'sink'
        ? special.type
        : (special?.type ?? 'default'),
    endpoint: endpoint < 0 ? null : (nodeIds[endpoint] ?? null),
    parent: null,
    url: `/v0/pipes/${file.name}.json`,
    ...times,
    materialized_datasource:
      special?.type === 'materialized' ? (special.settings['DATASOURCE'] ?? null) : null,
    copy_node: copy === null ? null : (nodeIds[output] ?? null),
    copy_target_datasource: copy?.target ?? null,
    copy_schedule: copy === null ? null : (copy.schedule ?? '@on-demand'),
    copy_mode: copy?.mode ?? null,
    ...(copy === null || copy.schedule === null
      ? {}
      : { schedule: { timezone: 'Etc/UTC', cron: copy.schedule, status: copyState } }),
    tags: file.tags === null ? {} : { tags: file.tags },
    nodes: file.nodes.map((node, index) => ({
      ...nodeBody(node, nodeIds[index] ?? ''),
      ...times,
      params: index === output ? params(map, pipe) : [],
      columns: index === output ? columns : [],
    })),
  }
}

function nodeBody(node: PipeNode, id: string): Record<string, unknown> {
  return {
    id,
    name: node.name,
    sql: node.sql,
    description: node.description,
    node_type: node.type,
    materialized: node.type === 'materialized' ? (node.settings['DATASOURCE'] ?? null) : null,
    cluster: null,
    tags: {},
    dependencies: dependencies(node),
    version: 0,
    project: null,
    result: null,
    ignore_sql_errors: false,
  }
}

function dependencies(node: PipeNode): string[] {
  try {
    return nodeDependencies(node)
  } catch {
    // Deployed before a rule it breaks: it is still listed.
    return []
  }
}

function params(map: DeploymentMap, pipe: DeployedPipe): unknown[] {
  try {
    return pipeParams(map, pipe).map(({ name, type, required, default: value, description }) => ({
      ...{ name, type, required, description },
      ...(value === undefined || value === null ? {} : { default: value }),
    }))
  } catch {
    return []
  }
}

/** Which of its nodes a pipe is described by. */
export function outputNodeName(file: PipeFile): string | undefined {
  return (file.nodes.find((each) => each.type !== 'standard') ?? file.nodes.at(-1))?.name
}
