import { expect, test } from 'vitest'
import { createRequestIds } from './request-ids.ts'

test('ids are ULIDs of their time, and no two are equal, also across the blocks of randomness', () => {
  const nextId = createRequestIds(() => 1_469_918_176_385)
  const ids = Array.from({ length: 2_000 }, nextId)
  expect(new Set(ids).size).toBe(2_000)
  for (const id of ids) expect(id).toMatch(/^01ARYZ6S41[0-9A-HJKMNP-TV-Z]{16}$/)
  // Every character of the alphabet occurs at every place.
  for (let place = 10; place < 26; place += 1)
    expect(new Set(ids.map((id) => id[place])).size).toBe(32)
})
