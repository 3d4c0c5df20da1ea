// What can be done to a pipe in the notebook, each as a function from pipe to pipe.
import type { NodeType, PipeNodeText, PipeText } from './pipe-text.ts'

export type Move = 'up' | 'down'

export const EMPTY_PIPE: PipeText = {
  description: '',
  head: [],
  nodes: [
    { name: 'node_1', description: '', sql: 'SELECT 1 AS one', type: 'standard', settings: {} },
  ],
}

/** Letters, digits and underscores, not beginning with a digit. */
export function isName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(text)
}

export function changeNode(pipe: PipeText, name: string, change: Partial<PipeNodeText>): PipeText {
  return {
    ...pipe,
    nodes: pipe.nodes.map((node) => (node.name === name ? { ...node, ...change } : node)),
  }
}

/** Adds a node that reads the one before it. */
export function addNode(pipe: PipeText): PipeText {
  const names = new Set(pipe.nodes.map(({ name }) => name))
  let number = pipe.nodes.length + 1
  while (names.has(`node_${number}`)) number += 1
  const last = pipe.nodes.at(-1)
  const sql = last === undefined ? 'SELECT 1 AS one' : `SELECT *\nFROM ${last.name}`
  const node = {
    name: `node_${number}`,
    description: '',
    sql,
    type: 'standard',
    settings: {},
  } as const
  return { ...pipe, nodes: [...pipe.nodes, node] }
}

export function removeNode(pipe: PipeText, name: string): PipeText {
  return { ...pipe, nodes: pipe.nodes.filter((node) => node.name !== name) }
}

export function moveNode(pipe: PipeText, name: string, move: Move): PipeText {
  const from = pipe.nodes.findIndex((node) => node.name === name)
  const to = from + (move === 'up' ? -1 : 1)
  const nodes = [...pipe.nodes]
  const [one, other] = [nodes[from], nodes[to]]
  if (one === undefined || other === undefined) return pipe
  nodes[from] = other
  nodes[to] = one
  return { ...pipe, nodes }
}

/** Renames a node, also where the nodes behind it read it (FROM, JOIN, IN). */
export function renameNode(pipe: PipeText, from: string, to: string): PipeText {
  const read = new RegExp(`\\b(FROM|JOIN|IN)(\\s+)${from}\\b(?!\\s*\\()`, 'gi')
  return {
    ...pipe,
    nodes: pipe.nodes.map((node) =>
      node.name === from
        ? { ...node, name: to }
        : {
            ...node,
            sql: node.sql.replace(read, (_, word: string, gap: string) => word + gap + to),
          },
    ),
  }
}

/** A pipe publishes one node in one way: the others become plain nodes. */
export function promoteNode(
  pipe: PipeText,
  name: string,
  type: NodeType,
  settings: Readonly<Record<string, string>> = {},
): PipeText {
  const plain = { type: 'standard', settings: {} } as const
  return {
    ...pipe,
    nodes: pipe.nodes.map((node) => {
      if (node.name === name) return { ...node, type, settings }
      return type === 'standard' ? node : { ...node, ...plain }
    }),
  }
}
