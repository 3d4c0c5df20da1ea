import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { ApiEnv } from '../../app.ts'
import { readImportRequest } from './read-import-request.ts'

/** How reading ended, and how keeping the file did. */
interface Ends {
  readonly kept: string
  readonly read: string
}

let server: Server
let began: () => void
let ended: (ends: Ends) => void

beforeAll(async () => {
  const app = new Hono<ApiEnv>()
  app.post('/', async (c) => {
    ended(await endsOf(c))
    return c.body(null)
  })
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  server = createServer((req, res) => void listener(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  server.close()
})

async function endsOf(c: Context<ApiEnv>): Promise<Ends> {
  let kept = 'nothing came'
  const read = readImportRequest(c, async (stream) => {
    kept = 'waiting'
    try {
      for await (const piece of stream) if (piece.byteLength > 0) began()
      kept = 'whole'
    } catch (err) {
      kept = 'broken off'
      throw err
    }
  })
  return read.then(
    () => ({ kept, read: 'whole' }),
    () => ({ kept, read: 'failed' }),
  )
}

const FILE =
  '--B\r\nContent-Disposition: form-data; name="csv"; filename="../../x"\r\n\r\na,b\r\n1,2\r\n'

test.each(['multipart/form-data; boundary=B', 'text/csv'])(
  'a file whose sender goes away half way is given up, not waited for: %s',
  async (type) => {
    const { port } = server.address() as AddressInfo
    const client = connect(port, '127.0.0.1')
    const isBegun = new Promise<void>((resolve) => (began = resolve))
    const end = new Promise<Ends>((resolve) => (ended = resolve))
    client.write(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 100000\r\n\r\n`,
    )
    client.write(FILE)
    await isBegun
    client.destroy()
    expect(await end).toEqual({ kept: 'broken off', read: 'failed' })
  },
)

test('a form that ends inside its file is given up', async () => {
  const { port } = server.address() as AddressInfo
  began = () => undefined
  const end = new Promise<Ends>((resolve) => (ended = resolve))
  const headers = { 'Content-Type': 'multipart/form-data; boundary=B' }
  await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: FILE })
  expect(await end).toEqual({ kept: 'broken off', read: 'failed' })
})
