import type { PipeBody } from '@sandpiper/contracts'
import { expect, test } from 'vitest'

import { around, lineageGraph, type LineageParts } from './lineage-graph.ts'

const pipe = (name: string, type: string): PipeBody => ({
  ...{ id: name, name, type, description: null, nodes: [], created_at: '', updated_at: '' },
  endpoint: type === 'endpoint' ? `${name}_node` : null,
})
const PARTS: LineageParts = {
  dependencies: {
    nodes: [
      { id: '1', name: 'events', type: 'datasource' },
      { id: '2', name: 'daily', type: 'datasource' },
      { id: '3', name: 'to_daily', type: 'pipe' },
      { id: '4', name: 'top', type: 'pipe' },
      { id: '5', name: 'alone', type: 'pipe' },
    ],
    edges: [
      { from: 'events', to: 'to_daily', type: 'reads' },
      { from: 'to_daily', to: 'daily', type: 'fills' },
      { from: 'daily', to: 'top', type: 'reads' },
      { from: 'events_quarantine', to: 'alone', type: 'reads' },
      { from: 'tinybird.jobs_log', to: 'alone', type: 'reads' },
    ],
  },
  pipes: [pipe('to_daily', 'materialized'), pipe('top', 'endpoint'), pipe('alone', 'default')],
  dashboards: [{ id: 'd', name: 'Board', pipes: ['top', 'top', 'gone'] }],
  rates: {
    loads: [
      { name: 'events', event: 'append-hfi', pipe: '', rows: 90, quarantined: 10, errors: 0 },
      { name: 'removed', event: 'append', pipe: '', rows: 1, quarantined: 0, errors: 0 },
    ],
    requests: [{ name: 'top', requests: 20, errors: 5, p95: 0.2 }],
  },
}

test('leads from sources to dashboards, with what went through', () => {
  const { nodes, edges } = lineageGraph(PARTS)
  expect(nodes.map(({ id, kind }) => `${kind} ${id}`).sort()).toEqual([
    'dashboard dashboard:d',
    'data source daily',
    'data source events',
    'endpoint top',
    'materialization to_daily',
    'pipe alone',
    'service tinybird.jobs_log',
    'source source:Events API',
  ])
  expect(edges).toEqual(
    expect.arrayContaining([
      { from: 'source:Events API', to: 'events', rows: 90, failed: 0.1 },
      { from: 'daily', to: 'top', requests: 20, failed: 0.25 },
      { from: 'events', to: 'alone' },
      { from: 'top', to: 'dashboard:d' },
    ]),
  )
  const ids = new Set(nodes.map(({ id }) => id))
  expect(edges.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([])
})

test('without rates it is the same graph of names', () => {
  const { nodes } = lineageGraph({ ...PARTS, rates: undefined })
  expect(nodes.map(({ kind }) => kind)).not.toContain('source')
  expect(nodes.find(({ id }) => id === 'events')).not.toHaveProperty('rows')
})

test('around a node stands what feeds it and what it feeds, nothing beside it', () => {
  const near = around(lineageGraph(PARTS), 'daily')
  expect(near.nodes.map(({ id }) => id).sort()).toEqual([
    'daily',
    'dashboard:d',
    'events',
    'source:Events API',
    'to_daily',
    'top',
  ])
  expect(near.edges.length).toBe(5)
})

test('three hundred pipes in a chain are followed to their ends, and a circle ends', () => {
  const ids = Array.from({ length: 300 }, (_, at) => String(at))
  const edges = ids.map((id, at) => ({ from: id, to: String((at + 1) % 300) }))
  const nodes = ids.map((id) => ({ id, kind: 'pipe' as const, name: id }))
  expect(around({ nodes, edges }, '7').nodes.length).toBe(300)
})
