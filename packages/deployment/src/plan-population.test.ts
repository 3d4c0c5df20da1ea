import { expect, it } from 'vitest'

import { emptyMap } from './deployment-map.ts'
import { planPopulation } from './plan-population.ts'
import { plan, PROJECT, type ProjectText } from './project.fixture.ts'

function obstacles(project: ProjectText, truncate: boolean, appendedTo = ''): string[] {
  const live = plan(emptyMap(), project).next
  const planned = planPopulation({
    ...{ live, pipe: 'to_daily', truncate },
    receivesRows: (id) => live.dataSources[appendedTo]?.id === id,
    freshNumbers: ({ generation, schemaVersion }) => ({
      generation: generation + 1,
      schemaVersion: schemaVersion + 1,
    }),
    now: '2026-11-21T12:00:00.000Z',
  })
  return planned.obstacles.map(({ dataSource, message }) => `${dataSource}: ${message}`)
}

function forgetful(name: string): ProjectText {
  const file = `${name}.datasource`
  const text = PROJECT[file]!.replace(/(ENGINE_SORTING_KEY \w+)/, '$1\nENGINE_TTL today()')
  return { ...PROJECT, [file]: text }
}

it('adds to no target behind which something is kept that the target itself has forgotten, unless all is to be computed anew', () => {
  expect(obstacles(forgetful('daily'), false)).toEqual([
    expect.stringMatching(/^monthly: monthly would lose .* daily .* TTL/),
  ])
  expect(obstacles(forgetful('daily'), true)).toEqual([])
  // What the source has forgotten is in the copy of the target.
  expect(obstacles(forgetful('events'), false)).toEqual([])
  expect(obstacles(forgetful('monthly'), false)).toEqual([])
})

it('takes no rows away that were appended directly to what is behind its target, unless all is to be computed anew', () => {
  expect(obstacles(PROJECT, false, 'monthly')).toEqual([
    expect.stringMatching(/^monthly: .* appended to it directly/),
  ])
  expect(obstacles(PROJECT, true, 'monthly')).toEqual([])
  expect(obstacles(PROJECT, false, 'daily')).toEqual([])
})
