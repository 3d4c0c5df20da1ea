import { expect, test } from 'vitest'

import { createWaitingLine } from './waiting-line.ts'

const never = new AbortController().signal

test('places are given to those who wait, first come first served', async () => {
  const line = createWaitingLine(['a'], 10)
  expect(await line.take(never)).toBe('a')
  const order: string[] = []
  const second = line.take(never).then(() => order.push('second'))
  const third = line.take(never).then(() => order.push('third'))
  line.giveBack('a')
  await second
  line.giveBack('a')
  await third
  expect(order).toEqual(['second', 'third'])
})

test('one more than the line holds is refused with 202 and status 503', async () => {
  const line = createWaitingLine(['a'], 1)
  await line.take(never)
  const waiting = line.take(never)
  await expect(line.take(never)).rejects.toMatchObject({ code: 202, status: 503 })
  line.giveBack('a')
  expect(await waiting).toBe('a')
})

test('who leaves the line takes no place, and makes room in it', async () => {
  const line = createWaitingLine(['a'], 1)
  await line.take(never)
  const leaving = new AbortController()
  const left = line.take(leaving.signal)
  leaving.abort()
  await expect(left).rejects.toMatchObject({ code: 394 })
  const next = line.take(never)
  line.giveBack('a')
  expect(await next).toBe('a')
})

test('who left before asking gets nothing', async () => {
  const line = createWaitingLine(['a'], 1)
  await expect(line.take(AbortSignal.abort())).rejects.toMatchObject({ code: 394 })
  expect(await line.take(never)).toBe('a')
})
