import { expect, test } from 'vitest'

import { type DependencyGraph, lineageOf } from './lineage.ts'

const graph: DependencyGraph = {
  nodes: [
    { id: '1', name: 'orders', type: 'datasource' },
    { id: '2', name: 'daily', type: 'pipe' },
    { id: '3', name: 'orders_daily', type: 'datasource' },
    { id: '4', name: 'top', type: 'pipe' },
  ],
  edges: [
    { from: 'orders', to: 'daily', type: 'reads' },
    { from: 'daily', to: 'orders_daily', type: 'fills' },
    { from: 'orders_daily', to: 'top', type: 'reads' },
    { from: 'orders', to: 'top', type: 'reads' },
  ],
}
const steps = (list: { name: string; distance: number }[]): string[] =>
  list.map(({ name, distance }) => `${distance} ${name}`)

test('everything on the way is named once, at its nearest distance', () => {
  expect(steps(lineageOf(graph, 'orders').downstream)).toEqual([
    '1 daily',
    '1 top',
    '2 orders_daily',
  ])
  expect(steps(lineageOf(graph, 'orders').upstream)).toEqual([])
  expect(steps(lineageOf(graph, 'orders_daily').upstream)).toEqual(['1 daily', '2 orders'])
})

test('a copy pipe that feeds what it reads ends the walk', () => {
  const ring: DependencyGraph = {
    ...graph,
    edges: [
      { from: 'orders', to: 'daily', type: 'reads' },
      { from: 'daily', to: 'orders', type: 'fills' },
    ],
  }
  expect(steps(lineageOf(ring, 'orders').downstream)).toEqual(['1 daily'])
})
