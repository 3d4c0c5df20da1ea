import { expect, test } from 'vitest'

import { createPace, type QueryWork } from './query-pace.ts'

const LIMIT_MS = 10_000
const work = (kind: string): QueryWork => ({ kind, limitMs: LIMIT_MS })

/** A clock that stands still until it is told. */
function paced(heavyPlaces = 2) {
  const clock = { ms: 0 }
  const pace = createPace({ heavyMs: 1_000, heavyPlaces, heavyPlacesMax: 4, now: () => clock.ms })
  const run = (kind: string, ms: number, how: 'answered' | 'left' = 'answered'): void => {
    const running = pace.begin('w', work(kind))
    clock.ms += ms
    running.end(how)
  }
  /** As many at once as there are places, each taking so long. */
  const round = (ms: number): void => {
    const all = Array.from({ length: pace.heavyPlaces }, () => pace.begin('w', work('heavy')))
    clock.ms += ms
    for (const each of all) each.end('answered')
  }
  return { clock, pace, run, round }
}

test('a kind is new until one of it ended, then as heavy as that was, in its own workspace only', () => {
  const { pace, run } = paced()
  expect(pace.weigh('w', work('a'))).toBe('new')
  run('a', 20)
  run('b', 1_000)
  expect([pace.weigh('w', work('a')), pace.weigh('w', work('b'))]).toEqual(['light', 'heavy'])
  expect(pace.weigh('other', work('b'))).toBe('new')
})

test('one long query makes its kind heavy at once, and many short ones make it light again', () => {
  const { pace, run } = paced()
  run('a', 20)
  run('a', 4_000)
  run('a', 20)
  expect(pace.weigh('w', work('a'))).toBe('heavy')
  for (let n = 0; n < 4; n += 1) run('a', 20)
  expect(pace.weigh('w', work('a'))).toBe('light')
})

test('a query that is at work for long is heavy before it ends, and so are those of its kind', () => {
  const { clock, pace } = paced()
  const running = pace.begin('w', work('a'))
  clock.ms = 999
  running.look()
  expect([running.weight, pace.heavy]).toEqual(['new', 0])
  clock.ms = 1_000
  running.look()
  expect([running.weight, pace.heavy, pace.weigh('w', work('a'))]).toEqual(['heavy', 1, 'heavy'])
  running.end('answered')
  running.end('answered')
  expect(pace.heavy).toBe(0)
})

test('a caller that leaves early teaches nothing, one that leaves late that it takes so long', () => {
  const { pace, run } = paced()
  run('a', 10, 'left')
  expect(pace.weigh('w', work('a'))).toBe('new')
  run('a', 2_000, 'left')
  expect(pace.expectedMs('w', work('a'))).toBe(2_000)
})

test('queries that need most of their time leave fewer places, down to one, and once for all that were at work together', () => {
  const { pace, round } = paced(4)
  round(7_001)
  expect(pace.heavyPlaces).toBe(2)
  round(9_000)
  expect(pace.heavyPlaces).toBe(1)
  for (let n = 0; n < 5; n += 1) round(10_000)
  expect(pace.heavyPlaces).toBe(1)
})

test('queries that ran into their limit count, those that somebody left before say nothing', () => {
  const { pace, run } = paced(4)
  run('a', 5_000, 'left')
  expect(pace.heavyPlaces).toBe(4)
  run('a', 10_001, 'left')
  expect(pace.heavyPlaces).toBe(2)
})

test('heavy queries that end early make room again, one place a round, when all places were taken, and never more than there may be', () => {
  const { pace, round, run } = paced(1)
  round(3_000)
  expect(pace.heavyPlaces).toBe(2)
  // Alone it says nothing of what two would take.
  for (let n = 0; n < 10; n += 1) run('b', 2_000)
  expect(pace.heavyPlaces).toBe(2)
  const seen = Array.from({ length: 12 }, () => {
    round(1_500)
    return pace.heavyPlaces
  })
  expect(seen[0]).toBe(2)
  expect(new Set(seen)).toEqual(new Set([2, 3, 4]))
  round(5_000)
  expect(pace.heavyPlaces).toBe(4)
})
