import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Fault } from '@sandpiper/faults'
import { afterEach, expect, test } from 'vitest'

import { createOutbound } from './create-outbound.ts'
import { fetchText } from './fetch-text.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function fetched(answer: RequestListener, privateHosts = ['127.0.0.1']): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  const bounds = { bytesMax: 100, totalMs: 10_000 }
  try {
    return await fetchText(createOutbound({ privateHosts }), url, bounds)
  } catch (err) {
    if (err instanceof Fault) return err.code
    throw err
  }
}

test('a small text is fetched whole', async () => {
  expect(await fetched((_, res) => res.end('{"keys":"ü"}'))).toBe('{"keys":"ü"}')
})

test('another status, too many bytes, what is no text, and a private address are refused', async () => {
  expect(await fetched((_, res) => res.writeHead(404).end('{}'))).toBe('remote.unavailable')
  expect(await fetched((_, res) => res.end('x'.repeat(101)))).toBe('request.too_large')
  expect(await fetched((_, res) => res.end(Buffer.from([0xff, 0xfe])))).toBe('remote.unavailable')
  expect(await fetched((_, res) => res.end('{}'), [])).toBe('request.invalid')
})
