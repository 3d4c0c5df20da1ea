import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

async function isDone(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<false>((resolve) => setImmediate(() => resolve(false))),
  ])
}

test('a turn is held only when no batch of the workspace is in flight', async () => {
  const turns = createTurns()
  expect(turns.begin('w')).toBe(true)
  expect(turns.begin('w')).toBe(true)
  const held = turns.hold('w')
  turns.end('w')
  expect(await isDone(held)).toBe(false)
  turns.end('w')
  expect(await isDone(held)).toBe(true)
})

test('while a turn is asked for or held no batch of the workspace begins, of another it does', async () => {
  const turns = createTurns()
  turns.begin('w')
  const held = turns.hold('w')
  expect(turns.begin('w')).toBe(false)
  expect(turns.begin('other')).toBe(true)
  turns.end('w')
  await held
  expect(turns.begin('w')).toBe(false)
  turns.release('w')
  expect(turns.begin('w')).toBe(true)
})

test('idle means that no workspace has a batch in flight', async () => {
  const turns = createTurns()
  turns.begin('w')
  turns.begin('other')
  const idle = turns.idle()
  turns.end('w')
  expect(await isDone(idle)).toBe(false)
  turns.end('other')
  expect(await isDone(idle)).toBe(true)
})
