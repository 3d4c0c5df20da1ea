import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { wholeResponse, type ApiApp } from '@sandpiper/api'
import { afterEach, expect, test } from 'vitest'

import { answerRequests } from './answer-requests.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serving(answer: () => Response | Promise<Response>): Promise<string> {
  const fetch: ApiApp['fetch'] = () => answer()
  server = createServer(answerRequests({ fetch })).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('an answer that is all there arrives with its headers, those set behind the route too', async () => {
  const url = await serving(() => {
    const made = wholeResponse(bytes('{"é":1}'), { 'Content-Type': 'application/json' })
    made.headers.set('X-Late', 'yes')
    return made
  })
  for (let n = 0; n < 3; n += 1) {
    const answer = await fetch(url)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-late')).toBe('yes')
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.text()).toBe('{"é":1}')
  }
  expect(await (await fetch(url, { method: 'HEAD' })).text()).toBe('')
})

test('an answer that somebody made of it is what they made', async () => {
  const url = await serving(async () => {
    const made = wholeResponse(bytes('x'), {})
    return new Response(`<${await made.text()}>`, { status: 404 })
  })
  const answer = await fetch(url)
  expect([answer.status, await answer.text()]).toEqual([404, '<x>'])
})
