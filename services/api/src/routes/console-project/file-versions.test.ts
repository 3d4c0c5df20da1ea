import type { Deployment } from '@sandpiper/catalog'
import type { PipeFile } from '@sandpiper/datafile'
import { emptyMap } from '@sandpiper/deployment'
import { expect, test } from 'vitest'

import { fileVersions } from './file-versions.ts'

/** A deployment whose pipe `top` selects this number; null: without the pipe. */
function deployment(number: number, one: number | null, more: Partial<Deployment>): Deployment {
  const times = { createdAt: `2026-01-0${number}T00:00:00.000Z`, updatedAt: '' }
  const node = { name: 'n', description: null, sql: `SELECT ${one}`, type: 'endpoint' } as const
  const file: PipeFile = {
    ...{ kind: 'pipe', name: 'top', description: null, tokens: [], tags: null, settings: {} },
    nodes: [{ ...node, settings: {} }],
  }
  const pipe = { id: 'p', nodeIds: ['x'], view: null, file, ...times }
  const map = one === null ? emptyMap() : { ...emptyMap(), pipes: { top: pipe } }
  const kept = { workspaceId: 'w', kind: 'deploy', feedback: [], plan: null } as const
  return { ...kept, ...times, number, map, status: 'deleted', live: false, ...more }
}

const shown = (deployments: readonly Deployment[]): string[] =>
  fileVersions(deployments, 'top.pipe').map(
    ({ deployment: number, content }) => `${number}: ${/SELECT (\d)/.exec(content)?.[1]}`,
  )

test('only what was live is a version, and only where it differs from the one before, the newest first', () => {
  expect(
    shown([
      deployment(9, 8, { status: 'data_ready' }),
      deployment(8, 7, { status: 'deleting' }),
      deployment(7, 3, { live: true, status: 'data_ready' }),
      deployment(6, 3, { status: 'deleting' }),
      deployment(5, 5, { status: 'failed' }),
      deployment(4, 4, { plan: { discarded: true } }),
      deployment(3, 2, { plan: { changes: {} } }),
      deployment(2, 1, {}),
      deployment(1, 1, {}),
    ]),
  ).toEqual(['6: 3', '3: 2', '1: 1'])
})

test('a file that was removed and came back is a version again', () => {
  expect(
    shown([
      deployment(1, 1, {}),
      deployment(2, null, {}),
      deployment(3, 1, { live: true, status: 'data_ready' }),
    ]),
  ).toEqual(['3: 1', '1: 1'])
  expect(shown([])).toEqual([])
})
