import { expect, test } from 'vitest'
import { createLaneGate } from './lane-gate.ts'

async function isDone(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<false>((resolve) => setImmediate(() => resolve(false))),
  ])
}

test('two batches that share a table are admitted one after the other', async () => {
  const gate = createLaneGate()
  const release = await gate.claim(['a', 'b'])
  const second = gate.claim(['b', 'c'])
  expect(await isDone(second)).toBe(false)
  release()
  expect(await isDone(second)).toBe(true)
})

test('a batch of other tables does not wait', async () => {
  const gate = createLaneGate()
  await gate.claim(['a'])
  expect(await isDone(gate.claim(['b']))).toBe(true)
})

test('those who wait for one table are admitted in the order they came', async () => {
  const gate = createLaneGate()
  const order: number[] = []
  const release = await gate.claim(['a'])
  const waiting = [1, 2, 3].map(async (each) => {
    const end = await gate.claim(['a'])
    order.push(each)
    end()
  })
  release()
  await Promise.all(waiting)
  expect(order).toEqual([1, 2, 3])
})

test('a wide lane is not overtaken for ever by narrow ones', async () => {
  const gate = createLaneGate()
  const first = await gate.claim(['a'])
  const wide = gate.claim(['a', 'b'])
  const narrow = gate.claim(['b'])
  expect(await isDone(narrow)).toBe(false)
  first()
  const endWide = await wide
  expect(await isDone(narrow)).toBe(false)
  endWide()
  expect(await isDone(narrow)).toBe(true)
})

test('releasing twice frees nobody else', async () => {
  const gate = createLaneGate()
  const release = await gate.claim(['a'])
  release()
  await gate.claim(['a'])
  release()
  expect(await isDone(gate.claim(['a']))).toBe(false)
})
