import { expect, test } from 'vitest'
import { type Mark, marksInOrder } from './key-marks.ts'

const tail = (from: number, to: number, marks: readonly Mark[]) => ({
  from,
  to,
  marks: { w: marks },
})

test.each([
  [
    'behind each other',
    tail(0, 100, [[90, 60, 1]]),
    [
      [90, 60, 1],
      [105, 5, 1],
      [130, 25, 1],
    ],
  ],
  // A crash came before the file's end was passed: what it has above is read from the log again.
  [
    'of which the former goes beyond its end',
    tail(0, 100, [[110, 60, 1]]),
    [
      [110, 60, 1],
      [130, 1, 1],
    ],
  ],
  [
    'of which the former covers a part',
    tail(0, 103, [[102, 60, 1]]),
    [
      [102, 60, 1],
      [105, 1, 1],
      [130, 25, 1],
    ],
  ],
])('of files %s no key is counted twice', (_, former, expected) => {
  const behind = tail(100, 200, [
    [105, 5, 1],
    [130, 25, 1],
  ])
  expect([...marksInOrder([former, behind])].map(([, mark]) => mark)).toEqual(expected)
})
