import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createOpenSocket } from './guarded-socket.ts'

let server: Server
let port = 0
let connections = 0
beforeAll(async () => {
  server = createServer((socket) => {
    connections += 1
    socket.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(() => server.close())

/** `connected`, or what the socket was destroyed with. */
async function outcome(
  host: string,
  options: Parameters<typeof createOpenSocket>[0] = {},
): Promise<string> {
  return new Promise((resolve) => {
    const onConnect = (): void => {
      resolve('connected')
    }
    const socket = createOpenSocket(options)({ host, port, onConnect })
    socket.on('error', (err) => {
      resolve(err.message)
    })
    socket.resume()
  })
}

const resolve = () =>
  Promise.resolve([
    { address: '93.184.216.34', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ])

test.each(['127.0.0.1', '::1', '169.254.169.254', '10.0.0.1', '::ffff:127.0.0.1', '0.0.0.0'])(
  'attack 11: no connection to %s unless the operator allows it',
  async (host) => {
    expect(await outcome(host)).toContain('private or reserved network')
  },
)

test('attack 11: a name that also has a private address is not connected to', async () => {
  expect(await outcome('broker.example', { resolve })).toContain('private or reserved network')
  expect(connections).toBe(0)
})

test('a host that the operator allows is connected to, by its name or its network', async () => {
  expect(await outcome('127.0.0.1', { privateHosts: ['127.0.0.0/8'] })).toBe('connected')
  const loopback = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }])
  const named = { privateHosts: ['broker.example'], resolve: loopback }
  expect(await outcome('broker.example', named)).toBe('connected')
})
