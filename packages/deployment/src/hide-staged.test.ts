import { plainDataSource } from '@sandpiper/datafile'
import { expect, test } from 'vitest'

import { emptyMap, type DeploymentMap } from './deployment-map.ts'
import { hiddenColumns, hideStaged, withoutHidden } from './hide-staged.ts'

function mapOf(
  sources: Readonly<Record<string, readonly [generation: number, ...columns: string[]]>>,
): DeploymentMap {
  const dataSources = Object.fromEntries(
    Object.entries(sources).map(([name, [generation, ...columns]]) => {
      const made = columns.map((each) => ({
        ...{ name: each, type: 'String', jsonPath: null, default: null, codec: null },
      }))
      const times = { createdAt: '', updatedAt: '' }
      const file = plainDataSource(name, made)
      return [name, { id: `t_${name}`, generation, schemaVersion: 1, file, ...times }]
    }),
  )
  return { ...emptyMap(), dataSources }
}

test('columns that are added to the same table are hidden, those of a table built anew are not', () => {
  const live = mapOf({ same: [1, 'a', 'b'], anew: [1, 'a'], kept: [1, 'a'] })
  const shown = hideStaged(
    live,
    mapOf({ same: [1, 'a', 'x', 'b', 'y'], anew: [2, 'a', 'x'], kept: [1, 'a'] }),
  )
  expect(hiddenColumns(shown, 'same')).toEqual([
    { name: 'x', isNested: false },
    { name: 'y', isNested: false },
  ])
  expect([hiddenColumns(shown, 'anew'), hiddenColumns(shown, 'kept')]).toEqual([[], []])
  expect(hiddenColumns(shown, '__proto__')).toEqual([])
  expect(withoutHidden(shown)).toEqual(live)
})

test('a map beside which nothing is added is the very same', () => {
  const live = mapOf({ same: [1, 'a', 'b'] })
  expect(hideStaged(live, mapOf({ same: [1, 'a'], more: [1, 'z'] }))).toBe(live)
})
