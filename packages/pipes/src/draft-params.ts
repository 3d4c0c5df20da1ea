import type { PipeNode } from '@sandpiper/datafile'
import { emptyMap, type DeployedPipe, type DeploymentMap } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import { shareSteps, type SharedSteps, type TemplateParam } from '@sandpiper/template'

import type { DraftNode } from './compile-draft.ts'
import { nodeDependencies } from './dependencies.ts'
import { pipeParams } from './pipe-params.ts'

/** Steps that templates of all nodes together may take to find out what they read; beyond, parameters of pipes that they read are not told. */
const STEPS_MAX = 2_000_000

/**
 * The parameters of nodes that nobody has deployed, as pipeParams() tells them. Nodes whose template cannot be read yet have none.
 * @param map where pipes that they read are found, whose parameters are told too; null: none is looked for.
 */
export function draftParams(
  map: DeploymentMap | null,
  nodes: readonly DraftNode[],
): TemplateParam[] {
  const budget = shareSteps(STEPS_MAX)
  const readable = nodes.map(asNode).filter((node) => isReadable(node, budget))
  return pipeParams(map ?? emptyMap(), asPipe(readable))
}

function isReadable(node: PipeNode, budget: SharedSteps): boolean {
  try {
    nodeDependencies(node, budget)
    pipeParams(emptyMap(), asPipe([node]))
    return true
  } catch (err) {
    if (err instanceof Fault) return false
    throw err
  }
}

function asNode({ name, sql }: DraftNode): PipeNode {
  return { name, sql, description: null, type: 'standard', settings: {} }
}

function asPipe(nodes: readonly PipeNode[]): DeployedPipe {
  return {
    ...{ id: '', nodeIds: [], view: null, createdAt: '', updatedAt: '' },
    file: {
      ...{ kind: 'pipe', name: '', description: null, tokens: [], tags: null, settings: {} },
      nodes,
    },
  }
}
