import { expect, test } from 'vitest'

import { lastKnownSequence } from './last-known-sequence.ts'

const batch = { dataSourceId: 'c', fromSequence: 7, state: null }

test('no sequence is given again that was confirmed or begun, however far behind another data source is', () => {
  const progress = [
    { dataSourceId: 'a', loadedUpTo: 12 },
    { dataSourceId: 'b', loadedUpTo: 4 },
  ]
  expect(lastKnownSequence({ readFrom: 5, progress, openBatches: [] })).toBe(12)
  const openBatches = [{ ...batch, toSequence: 15 }]
  expect(lastKnownSequence({ readFrom: 5, progress, openBatches })).toBe(15)
})

test('of a dropped log the place to read from is what is left, and nothing of a new one', () => {
  expect(lastKnownSequence({ readFrom: 20, progress: [], openBatches: [] })).toBe(19)
  expect(lastKnownSequence({ readFrom: 1, progress: [], openBatches: [] })).toBe(0)
})
