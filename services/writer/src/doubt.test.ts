import { describe, expect, test } from 'vitest'
import { hasSunk, isAbsent, lackingPartitions, lowered, risenPartitions } from './doubt.ts'

const before = { raw: { p1: 10, p2: 7 }, view: {} }

describe('isAbsent', () => {
  test.each([
    ['nothing rose', before, true],
    ['a merge removed a part and kept the number', { raw: { p1: 10, p2: 7 }, view: {} }, true],
    ['a partition was dropped by its TTL', { raw: { p1: 10 }, view: {} }, true],
    ['the table is gone', {}, true],
    ['one partition of the table rose', { raw: { p1: 10, p2: 11 }, view: {} }, false],
    ['the table has a new partition', { raw: { p1: 10, p2: 7, p3: 11 }, view: {} }, false],
    ['only the view rose', { raw: { p1: 10, p2: 7 }, view: { all: 1 } }, false],
  ])('%s: %#', (_, now, absent) => {
    expect(isAbsent(before, now, ['raw', 'view'])).toBe(absent)
  })
})

describe('lackingPartitions', () => {
  test.each([
    ['a table that has nothing lacks all it should have', {}, ['p1', 'p2'], ['p1', 'p2']],
    ['a table that has all lacks nothing', { p1: 11, p2: 12 }, ['p1', 'p2'], []],
    ['a torn batch lacks what did not rise', { p1: 10, p2: 11 }, ['p1', 'p2'], ['p1']],
    ['a batch without rows for a target lacks nothing there', { p1: 10, p2: 7 }, [], []],
    [
      'a partition named anew at a second look counts as the one it was',
      { p1: 10, p2: 7, p3: 11 },
      ['p4'],
      [],
    ],
    ['of several, one stands for each that rose unexpectedly', { p3: 11 }, ['p4', 'p5'], ['p5']],
  ])('%s', (_, now, expected, lacking) => {
    expect(lackingPartitions(expected, before, { raw: now }, 'raw')).toEqual(lacking)
  })
})

test('a partition id that is called like a property of every object is a partition like others', () => {
  expect(risenPartitions({ raw: {} }, { raw: { constructor: 1 } }, 'raw')).toEqual(
    new Set(['constructor']),
  )
})

describe('numbers that sank, because a partition expired and the engine was started anew', () => {
  const now = { raw: { p1: 3 }, view: {} }

  test('are lowered, so that what is placed by them shows', () => {
    expect(hasSunk(before, now, ['raw'])).toBe(true)
    const corrected = lowered(before, now, ['raw', 'view'])
    expect(corrected).toEqual({ raw: { p1: 3, p2: 0 }, view: {} })
    const placed = { raw: { p1: 4, p2: 1 }, view: {} }
    expect(lackingPartitions(['p1', 'p2'], corrected, placed, 'raw')).toEqual([])
    expect(lackingPartitions(['p1', 'p2'], before, placed, 'raw')).toEqual(['p1', 'p2'])
  })

  test('are not raised where something of the batch may be there', () => {
    const risen = { raw: { p1: 11, p2: 7 }, view: { all: 1 } }
    expect(hasSunk(before, risen, ['raw', 'view'])).toBe(false)
    expect(lowered(before, risen, ['raw', 'view'])).toEqual(before)
  })
})
