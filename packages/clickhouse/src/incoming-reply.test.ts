// The driver's events by hand: in which order they come is the driver's choice.
import type { Dispatcher, Pool } from 'undici'
import { expect, test } from 'vitest'

import { sendRequest, type IncomingReply } from './incoming-reply.ts'

const MIB = 1_048_576

class Connection implements Dispatcher.DispatchController {
  aborted = false
  paused = false
  reason: Error | null = null
  abort(reason: Error): void {
    this.aborted = true
    this.reason = reason
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
  }
}

function sent(): { reply: IncomingReply; driver: Required<Dispatcher.DispatchHandler> } {
  const got: Dispatcher.DispatchHandler[] = []
  const pool = { dispatch: (_: unknown, handler: Dispatcher.DispatchHandler) => got.push(handler) }
  const reply = sendRequest(pool as unknown as Pool, { path: '/', method: 'POST' }, MIB)
  return { reply, driver: got[0] as Required<Dispatcher.DispatchHandler> }
}

test('a connection is not read on while its reader is slow, and again when the reader goes on', async () => {
  const { reply, driver } = sent()
  const connection = new Connection()
  driver.onRequestStart(connection, {})
  driver.onResponseStart(connection, 200, {})
  for (let n = 0; n < 4; n += 1) driver.onResponseData(connection, Buffer.alloc(MIB / 4, n))
  const { rest, bytes } = await reply.beginning
  expect([bytes, connection.paused]).toEqual([MIB, true])
  const reader = rest?.[Symbol.asyncIterator]()
  for (let n = 0; n < 3; n += 1) await reader?.next()
  expect(connection.paused).toBe(true)
  expect(await reader?.next()).toEqual({ done: false, value: Buffer.alloc(MIB / 4, 3) })
  expect(connection.paused).toBe(false)
  const waiting = reader?.next()
  driver.onResponseData(connection, Buffer.from('more'))
  expect(await waiting).toMatchObject({ done: false })
  driver.onResponseEnd(connection, {})
  expect(await reader?.next()).toMatchObject({ done: true })
})

test('what is given up before a connection was found is refused at once, and never sent', async () => {
  const { reply, driver } = sent()
  reply.abort(new Error('left'))
  await expect(reply.beginning).rejects.toThrow('left')
  const connection = new Connection()
  driver.onRequestStart(connection, {})
  expect(connection.aborted).toBe(true)
})

test('a reply that breaks off is never taken for a whole one, before and after its beginning', async () => {
  const early = sent()
  early.driver.onResponseData(new Connection(), Buffer.from('{'))
  early.driver.onResponseError(new Connection(), new Error('broken'))
  await expect(early.reply.beginning).rejects.toThrow('broken')
  const late = sent()
  late.driver.onResponseData(new Connection(), Buffer.alloc(MIB))
  const { rest } = await late.reply.beginning
  const reader = rest?.[Symbol.asyncIterator]()
  await reader?.next()
  const waiting = reader?.next()
  late.driver.onResponseError(new Connection(), new Error('broken'))
  await expect(waiting).rejects.toThrow('broken')
})
