import { expect, test } from 'vitest'
import { readFrom } from './progress.ts'

const holding = (sequence: number | null) => ({ lowestOpen: () => sequence })

test('the log is read from the lowest frame that anybody still holds', () => {
  expect(readFrom([holding(9), holding(null), holding(4)], 20)).toBe(4)
})

test('when nobody holds a frame the log is read from behind the last scanned one', () => {
  expect(readFrom([holding(null)], 20)).toBe(21)
  expect(readFrom([], 0)).toBe(1)
})
