// The statement of a node for one request. What was found out about a text is remembered under its shape, for as long as the map
// the node stands in lives: the next request with other values only exchanges them.
import type { PipeNode } from '@sandpiper/datafile'
import { isTemplate } from '@sandpiper/template'

import type { Compilation } from './compilation.ts'
import {
  readStatement,
  unrendered,
  valuesIn,
  type Readable,
  type Statement,
} from './read-statement.ts'
import { renderNode } from './render-node.ts'

/** A statement and the values that stand in it now. */
export interface FilledStatement {
  readonly statement: Statement
  readonly values: readonly string[]
}

/** Shapes remembered of one node. */
const SHAPES_MAX = 32
const remembered = new WeakMap<PipeNode, Map<string, Statement>>()

/**
 * Renders a node and reads it as one SELECT.
 * @throws fault `query.refused` | `template.error`.
 */
export function nodeStatement(
  compilation: Compilation,
  node: PipeNode,
  where: string,
): FilledStatement {
  if (!isTemplate(node.sql))
    return { statement: known(node, node.sql, unrendered(node.sql), where), values: [] }
  const rendered = renderNode(compilation, node)
  const { shape } = rendered
  const statement =
    shape === null ? readStatement(rendered, where) : known(node, shape, rendered, where)
  return { statement, values: valuesIn(statement, rendered) }
}

function known(node: PipeNode, key: string, readable: Readable, where: string): Statement {
  const shapes = remembered.get(node) ?? new Map<string, Statement>()
  const found = shapes.get(key)
  if (found !== undefined) return found
  const statement = readStatement(readable, where)
  // A text with a value in it would be given out for other values.
  if (!statement.hasValues) return statement
  if (shapes.size >= SHAPES_MAX) shapes.clear()
  remembered.set(node, shapes.set(key, statement))
  return statement
}
