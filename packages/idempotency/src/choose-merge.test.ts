import { expect, test } from 'vitest'
import { chooseMerge, type RunSize } from './choose-merge.ts'

const KEYS = 100
const run = (live: number, changes: Partial<RunSize> = {}): RunSize => ({
  ...{ count: live, live, isSpoiled: false },
  ...changes,
})
const runs = (count: number, live: number): RunSize[] =>
  Array.from({ length: count }, () => run(live))

test('eight neighbours of about the same size become one, the oldest first, up to a size', () => {
  expect(chooseMerge(runs(7, 150), KEYS)).toBeNull()
  expect(chooseMerge(runs(9, 150), KEYS)).toEqual({ first: 0, length: 8 })
  expect(chooseMerge([run(900), ...runs(8, 150)], KEYS)).toEqual({ first: 1, length: 8 })
  expect(chooseMerge(runs(8, 900), KEYS)).toEqual({ first: 0, length: 8 })
  expect(chooseMerge(runs(100, 64 * KEYS), KEYS)).toBeNull()
})

test('a run that is half forgotten is written anew; small neighbours become one', () => {
  expect(chooseMerge([run(900), run(400, { count: 900 })], KEYS)).toEqual({ first: 1, length: 1 })
  expect(chooseMerge([run(900), run(40), run(50)], KEYS)).toEqual({ first: 1, length: 2 })
  expect(chooseMerge([run(0), run(900)], KEYS)).toBeNull()
})

test('a run that cannot be read whole is left alone, and holds up no other', () => {
  const spoiled = run(10, { count: 900, isSpoiled: true })
  expect(chooseMerge([spoiled, run(10)], KEYS)).toBeNull()
  expect(chooseMerge([run(10), spoiled], KEYS)).toBeNull()
  expect(chooseMerge([spoiled, ...runs(8, 150)], KEYS)).toEqual({ first: 1, length: 8 })
})

test('many runs, each added with the smallest size, stay few', () => {
  let sizes: RunSize[] = []
  for (let added = 0; added < 1_000; added += 1) {
    sizes = [...sizes, run(KEYS)]
    for (
      let choice = chooseMerge(sizes, KEYS);
      choice !== null;
      choice = chooseMerge(sizes, KEYS)
    ) {
      const { first, length } = choice
      const sum = sizes
        .slice(first, first + length)
        .reduce((live, { live: more }) => live + more, 0)
      sizes = [...sizes.slice(0, first), run(sum), ...sizes.slice(first + length)]
    }
    expect(sizes.length).toBeLessThan(32)
  }
})
