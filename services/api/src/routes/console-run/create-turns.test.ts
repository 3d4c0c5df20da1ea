import { expect, test } from 'vitest'

import { createTurns } from './create-turns.ts'

test('others are served before each turn, and there is none when time is over', async () => {
  let time = 5
  const turn = createTurns(() => time, 1)
  for (const [at, isIn] of [
    [5, true],
    [1_004, true],
    [1_005, false],
  ] as const) {
    let served = 0
    setImmediate(() => (served += 1))
    time = at
    expect([await turn(), served]).toEqual([isIn, 1])
  }
})
