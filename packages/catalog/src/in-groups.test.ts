import { expect, test } from 'vitest'
import { inGroups } from './in-groups.ts'

test('what is asked for during a call goes together in the next, in order and within the bound', async () => {
  const calls: (readonly number[])[] = []
  const ends: (() => void)[] = []
  const add = inGroups<number>(async (inputs) => {
    calls.push(inputs)
    await new Promise<void>((resolve) => ends.push(resolve))
  }, 2)
  const all = Promise.all([1, 2, 3, 4].map(add))
  for (let call = 0; call < 3; call += 1) {
    await expect.poll(() => ends.length).toBe(call + 1)
    ends[call]?.()
  }
  await all
  expect(calls).toEqual([[1], [2, 3], [4]])
})

test('a group that fails fails for each of it, and the next group runs', async () => {
  const add = inGroups<number>((inputs) =>
    inputs.includes(2) ? Promise.reject(new Error('no')) : Promise.resolve(),
  )
  const results = await Promise.allSettled([add(1), add(2), add(3)])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  await add(4)
})
