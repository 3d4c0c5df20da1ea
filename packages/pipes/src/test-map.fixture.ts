// Small maps for the tests of this package.
import { emptyMap, type DeployedPipe, type DeploymentMap } from '@sandpiper/deployment'
import {
  plainDataSource,
  type DataSourceFile,
  type NodeType,
  type PipeFile,
} from '@sandpiper/datafile'

import { EVERYTHING, type CompileScope } from './compile-scope.ts'

const WORKSPACE = '11111111-2222-3333-4444-555555555555'
const EVENTS_ID = `t_${'a'.repeat(32)}`
const USERS_ID = `t_${'b'.repeat(32)}`
export const EVENTS_TABLE = `\`ws_11111111222233334444555555555555\`.\`${EVENTS_ID}_1\``
export const USERS_TABLE = `\`ws_11111111222233334444555555555555\`.\`${USERS_ID}_3\``

const AT = '2026-11-21T00:00:00.000Z'

export interface NodeText {
  readonly name: string
  readonly sql: string
  readonly type?: NodeType
}

/** A map with data sources `events` (generation 1) and `users` (generation 3) and the given pipes. */
export function testMap(pipes: Readonly<Record<string, readonly NodeText[]>> = {}): DeploymentMap {
  return {
    ...emptyMap(),
    dataSources: {
      events: {
        id: EVENTS_ID,
        generation: 1,
        schemaVersion: 1,
        file: dataSource('events'),
        createdAt: AT,
        updatedAt: AT,
      },
      users: {
        id: USERS_ID,
        generation: 3,
        schemaVersion: 1,
        file: dataSource('users'),
        createdAt: AT,
        updatedAt: AT,
      },
    },
    pipes: Object.fromEntries(
      Object.entries(pipes).map(([name, nodes], index) => [name, deployedPipe(name, index, nodes)]),
    ),
  }
}

export function testScope(map: DeploymentMap, change: Partial<CompileScope> = {}): CompileScope {
  return {
    workspaceId: WORKSPACE,
    map,
    params: {},
    secrets: new Map(),
    authority: EVERYTHING,
    ...change,
  }
}

function deployedPipe(name: string, index: number, nodes: readonly NodeText[]): DeployedPipe {
  const file: PipeFile = {
    kind: 'pipe',
    name,
    description: null,
    tokens: [],
    tags: null,
    settings: {},
    nodes: nodes.map((node) => ({
      name: node.name,
      description: null,
      sql: node.sql,
      type: node.type ?? 'standard',
      settings: {},
    })),
  }
  const id = `t_${String(index).padStart(32, 'c')}`
  return {
    id,
    nodeIds: nodes.map((_, at) => `t_${String(at).padStart(32, 'd')}`),
    view: null,
    file,
    createdAt: AT,
    updatedAt: AT,
  }
}

function dataSource(name: string): DataSourceFile {
  const id = { name: 'id', type: 'String', jsonPath: '$.id', default: null, codec: null }
  return plainDataSource(name, [id])
}
