import { expect, test } from 'vitest'

import {
  addNode,
  EMPTY_PIPE,
  isName,
  moveNode,
  promoteNode,
  removeNode,
  renameNode,
} from './edit-pipe.ts'

const pipe = addNode(addNode(EMPTY_PIPE))

test('a new node reads the one before it, under a name of its own', () => {
  expect(pipe.nodes.map(({ name, sql }) => [name, sql])).toEqual([
    ['node_1', 'SELECT 1 AS one'],
    ['node_2', 'SELECT *\nFROM node_1'],
    ['node_3', 'SELECT *\nFROM node_2'],
  ])
  expect(addNode(removeNode(pipe, 'node_1')).nodes.map(({ name }) => name)).toEqual([
    'node_2',
    'node_3',
    'node_4',
  ])
})

test('a renamed node is read by its new name, and nothing else changes', () => {
  const sql = "SELECT node_1, 'FROM x' FROM node_1 AS n WHERE a IN node_1 AND b IN node_10"
  const before = {
    ...pipe,
    nodes: pipe.nodes.map((node, at) => (at === 1 ? { ...node, sql } : node)),
  }
  const after = renameNode(before, 'node_1', 'sales')
  expect(after.nodes[0]?.name).toBe('sales')
  expect(after.nodes[1]?.sql).toBe(
    "SELECT node_1, 'FROM x' FROM sales AS n WHERE a IN sales AND b IN node_10",
  )
})

test('one node of a pipe is published: the others become plain', () => {
  const copied = promoteNode(pipe, 'node_2', 'copy', { TARGET_DATASOURCE: 't' })
  const exposed = promoteNode(copied, 'node_3', 'endpoint')
  expect(exposed.nodes.map(({ type, settings }) => [type, settings])).toEqual([
    ['standard', {}],
    ['standard', {}],
    ['endpoint', {}],
  ])
})

test('nodes move within the pipe only', () => {
  const order = (each: typeof pipe) => each.nodes.map(({ name }) => name.at(-1)).join('')
  expect(order(moveNode(pipe, 'node_3', 'up'))).toBe('132')
  expect(order(moveNode(pipe, 'node_1', 'up'))).toBe('123')
  expect(order(moveNode(pipe, 'node_3', 'down'))).toBe('123')
})

test.each([
  ['top_pages', true],
  ['_x1', true],
  ['1x', false],
  ['a-b', false],
  ['', false],
  ['a.b', false],
])('a name: %s', (name, is) => {
  expect(isName(name)).toBe(is)
})
