import { expect, test } from 'vitest'

import { wholeBody, wholeResponse } from './whole-response.ts'

const bytes = new TextEncoder().encode('{"é":1}')
const made = (): Response => wholeResponse(bytes, { 'Content-Type': 'application/json' })

test('its bytes are there until somebody reads it', async () => {
  const response = made()
  expect([wholeBody(response), response.bodyUsed]).toEqual([bytes, false])
  expect(await response.text()).toBe('{"é":1}')
  expect([wholeBody(response), response.bodyUsed]).toEqual([undefined, true])
  await expect(response.text()).rejects.toThrow()
})

test.each([
  ['json', async (of: Response) => of.json(), { é: 1 }],
  ['arrayBuffer', async (of: Response) => new Uint8Array(await of.arrayBuffer()), bytes],
  ['blob', async (of: Response) => (await of.blob()).size, bytes.byteLength],
  ['clone', async (of: Response) => of.clone().json(), { é: 1 }],
  ['body', async (of: Response) => new Response(of.body, of).json(), { é: 1 }],
])('%s gives what any other response would', async (_, read, expected) => {
  expect(await read(made())).toEqual(expected)
})

test('a clone and its original are read apart, with the same headers', async () => {
  const response = made()
  response.headers.set('X-Late', 'yes')
  const clone = response.clone()
  expect(clone.headers.get('X-Late')).toBe('yes')
  expect([await clone.text(), await response.text()]).toEqual(['{"é":1}', '{"é":1}'])
})
