import { expect, test } from 'vitest'

import { createSlots } from './slots.ts'

const never = new AbortController().signal

test('a place is handed on in order, and giving it back twice frees it once', async () => {
  const slots = createSlots(1, 2)
  const release = await slots.take(never)
  const order: number[] = []
  const second = slots.take(never).then((give) => (order.push(2), give))
  const third = slots.take(never).then((give) => (order.push(3), give))
  release()
  release()
  const give = await second
  expect(order).toEqual([2])
  give()
  await third
  expect(order).toEqual([2, 3])
})

test('more than the allowed number of waiters are refused at once', async () => {
  const slots = createSlots(1, 0)
  await slots.take(never)
  await expect(slots.take(never)).rejects.toMatchObject({ code: 'server.busy' })
})

test('a waiter that leaves gives its turn to the next', async () => {
  const slots = createSlots(1, 5)
  const release = await slots.take(never)
  const leaving = new AbortController()
  const left = slots.take(leaving.signal)
  const next = slots.take(never)
  leaving.abort()
  await expect(left).rejects.toMatchObject({ code: 'server.busy' })
  release()
  await expect(next).resolves.toBeTypeOf('function')
})
