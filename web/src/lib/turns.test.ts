import { expect, test } from 'vitest'

import { createTurns } from './turns.ts'

test('no more than asked for run at once, in their order, and a failure gives its place away', async () => {
  const turns = createTurns(2)
  const began: number[] = []
  const ends: ((failed: boolean) => void)[] = []
  const work = (id: number): Promise<void> =>
    turns(() => {
      began.push(id)
      return new Promise((resolve, reject) => {
        ends[id] = (failed) => (failed ? reject(new Error('no')) : resolve())
      })
    })
  const all = [work(0), work(1), work(2), work(3)]
  await Promise.resolve()
  expect(began).toEqual([0, 1])
  ends[1]?.(true)
  await expect(all[1]).rejects.toThrow('no')
  await Promise.resolve()
  expect(began).toEqual([0, 1, 2])
  ends[0]?.(false)
  await all[0]
  await Promise.resolve()
  expect(began).toEqual([0, 1, 2, 3])
  ends[2]?.(false)
  ends[3]?.(false)
  await Promise.all([all[2], all[3]])
})
