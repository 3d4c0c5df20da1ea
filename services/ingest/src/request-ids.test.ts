import { expect, test } from 'vitest'
import { createRequestIds } from './request-ids.ts'

const MS = 1_469_918_176_385

test('ids of one millisecond are ULIDs of its time, in order, and no two are equal', () => {
  const nextId = createRequestIds(() => MS)
  const ids = Array.from({ length: 2_000 }, nextId)
  expect(new Set(ids).size).toBe(2_000)
  expect([...ids].sort()).toEqual(ids)
  for (const id of ids) expect(id).toMatch(/^01ARYZ6S41[0-9A-HJKMNP-TV-Z]{16}$/)
})

test('each millisecond begins anew at random, also across the blocks of randomness', () => {
  let ms = MS
  const nextId = createRequestIds(() => ms++)
  const ids = Array.from({ length: 2_000 }, nextId)
  expect(new Set(ids.map((id) => id.slice(10))).size).toBe(2_000)
  // Every character of the alphabet occurs at every place; the first leaves room to count into.
  for (let place = 10; place < 26; place += 1)
    expect(new Set(ids.map((id) => id[place])).size).toBe(place === 10 ? 16 : 32)
})
