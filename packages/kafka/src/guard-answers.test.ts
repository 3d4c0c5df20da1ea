// A broker that sends what is no answer is a problem in words, and the end of nothing else.
import { createLogger } from '@sandpiper/telemetry'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'

import { kafkaAdmin } from './kafka-admin.ts'
import { KafkaProblem } from './kafka-error.ts'

const logger = createLogger({ service: 'test', level: 'silent' })

let close: () => void = () => undefined
afterEach(() => {
  close()
})

/** A server that answers the first request of each connection so, and keeps the connection. */
async function broker(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => {
      answer(socket)
    })
  })
  close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

const topicsOf = (address: string): Promise<string[]> =>
  kafkaAdmin(
    { bootstrapServers: [address], tls: null, sasl: null },
    { clientId: 'test', logger },
  ).topics()

test.each([
  ['an empty answer', '00000000'],
  ['a negative size', 'fffffffc'],
  ['an answer too short for its number', '0000000100'],
  ['the announcement of 2 GiB', '7fffffff'],
  ['the announcement of a byte above 64 MiB', '04000001'],
])('%s ends its connection only, with a problem in words', async (_name, hex) => {
  const address = await broker((socket) => socket.write(Buffer.from(hex, 'hex')))
  const problem = await topicsOf(address).then(
    () => null,
    (err: unknown) => err,
  )
  expect(problem).toBeInstanceOf(KafkaProblem)
  expect(problem).toMatchObject({
    kind: 'away',
    message: expect.stringContaining('what it sends is no answer of Kafka') as string,
  })
})

test('a size that comes in pieces is counted as one', async () => {
  const address = await broker((socket) => {
    socket.setNoDelay(true)
    socket.write(Buffer.from('7fff', 'hex'), () => {
      setImmediate(() => socket.write(Buffer.from('ffff', 'hex')))
    })
  })
  await expect(topicsOf(address)).rejects.toThrow('what it sends is no answer of Kafka')
})
