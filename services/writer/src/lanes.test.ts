import { describe, expect, test } from 'vitest'
import { hasDiamond, laneOf, targetsOf, type Topology } from './lanes.ts'

/** Views as [source, target]. */
function topologyOf(
  tables: readonly string[],
  edges: readonly (readonly [string, string])[],
): Topology {
  const views = edges.map(([source, target], index) => ({
    source,
    target,
    name: `v${index}`,
    select: '',
  }))
  return {
    database: 'ws',
    tables: new Map(
      tables.map((name) => [
        name,
        { name, engine: 'MergeTree', views: views.filter((view) => view.source === name) },
      ]),
    ),
    views: new Set(views.map((view) => view.name)),
  }
}

const namesOf = (topology: Topology, root: string): string[] =>
  targetsOf(topology, root).map((target) => target.table.name)

describe('targetsOf', () => {
  test('every table behind a table is a target, sources before what they feed', () => {
    const topology = topologyOf(
      ['a', 'b', 'c', 'd', 'x'],
      [
        ['a', 'c'],
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'd'],
        ['x', 'd'],
      ],
    )
    const order = namesOf(topology, 'a')
    expect([...order].sort()).toEqual(['a', 'b', 'c', 'd'])
    for (const [before, after] of [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'd'],
    ] as const)
      expect(order.indexOf(before)).toBeLessThan(order.indexOf(after))
  })

  test('feeds of a target are those the batch reaches, and no others', () => {
    const topology = topologyOf(
      ['a', 'x', 'd'],
      [
        ['a', 'd'],
        ['x', 'd'],
      ],
    )
    const target = targetsOf(topology, 'a').find((each) => each.table.name === 'd')
    expect(target?.feeds.map((feed) => feed.source)).toEqual(['a'])
  })

  test('a view whose target is gone is no target', () => {
    expect(namesOf(topologyOf(['a'], [['a', 'gone']]), 'a')).toEqual(['a'])
  })

  test('an unknown table has no targets', () => {
    expect(targetsOf(topologyOf(['a'], []), 'b')).toEqual([])
  })
})

describe('hasDiamond', () => {
  test('two ways to one table are one, a chain and a fan are none', () => {
    expect(
      hasDiamond(
        targetsOf(
          topologyOf(
            ['a', 'b'],
            [
              ['a', 'b'],
              ['a', 'b'],
            ],
          ),
          'a',
        ),
      ),
    ).toBe(true)
    expect(
      hasDiamond(
        targetsOf(
          topologyOf(
            ['a', 'b', 'c'],
            [
              ['a', 'b'],
              ['b', 'c'],
              ['a', 'c'],
            ],
          ),
          'a',
        ),
      ),
    ).toBe(true)
    expect(
      hasDiamond(
        targetsOf(
          topologyOf(
            ['a', 'b', 'c'],
            [
              ['a', 'b'],
              ['a', 'c'],
            ],
          ),
          'a',
        ),
      ),
    ).toBe(false)
    expect(
      hasDiamond(
        targetsOf(
          topologyOf(
            ['a', 'b', 'c'],
            [
              ['a', 'b'],
              ['b', 'c'],
            ],
          ),
          'a',
        ),
      ),
    ).toBe(false)
  })
})

describe('laneOf', () => {
  const topology = topologyOf(
    ['a', 'b', 'target', 'behind', 'alone'],
    [
      ['a', 'target'],
      ['b', 'target'],
      ['target', 'behind'],
    ],
  )

  test('tables that feed one target are one lane, whichever is asked', () => {
    for (const table of ['a', 'b', 'target', 'behind'])
      expect(laneOf(topology, table)).toEqual(['a', 'b', 'behind', 'target'])
  })

  test('a table without views is a lane of its own', () => {
    expect(laneOf(topology, 'alone')).toEqual(['alone'])
  })
})
