import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { DOOR_LIMITS, openDoor, type Door, type DoorLimits } from './door.ts'

let door: Door
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await door.close(0)
})

async function opened(listener: RequestListener, limits: Partial<DoorLimits> = {}): Promise<void> {
  door = await openDoor('127.0.0.1', 0, { ...DOOR_LIMITS, ...limits })
  door.open(listener)
}

async function connected(): Promise<Socket> {
  const socket = connect(door.port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** What comes back until the server ends the connection. */
async function sent(text: string): Promise<string> {
  const socket = await connected()
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
  socket.write(text)
  await once(socket, 'close')
  return answer
}

/** Answers with the size of the body, once it is there. */
const echo: RequestListener = (req, res) => {
  let bytes = 0
  req.on('data', (chunk: Buffer) => (bytes += chunk.length))
  req.on('end', () => res.end(String(bytes)))
}
const head = (more: string): string => `POST / HTTP/1.1\r\nHost: x\r\n${more}\r\n\r\n`
/** Looks at every body every millisecond, and gives it fifty. */
const IMPATIENT = { slow: { graceMs: 50, bytesPerSecondMin: 500, everyMs: 1 } }

describe('bodies that come too slowly', () => {
  test.each([
    ['with a length', 'Content-Length: 100', '{"n":'],
    ['in chunks', 'Transfer-Encoding: chunked', '5\r\n{"n":\r\n'],
  ])('%s: 408, and the connection is closed', async (_, header, start) => {
    let wasCut = false
    await opened((req) => {
      req.resume()
      req.on('error', () => (wasCut = true))
    }, IMPATIENT)
    const answer = await sent(head(header) + start)
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*\{"error":"The body arrives too slowly/s)
    expect(door.counters().slowBodies).toBe(1)
    expect(wasCut).toBe(true)
  })

  test('one that keeps coming is let through, however long it takes', async () => {
    await opened(echo, IMPATIENT)
    const socket = await connected()
    const began = performance.now()
    socket.write(head('Transfer-Encoding: chunked'))
    // Three times the grace, at twice the speed that is asked for.
    let bytes = 0
    while (performance.now() - began < 150) {
      const due = Math.ceil(performance.now() - began) + 100 - bytes
      if (due > 0) socket.write(`${due.toString(16)}\r\n${'x'.repeat(due)}\r\n`)
      bytes += Math.max(due, 0)
      await new Promise(setImmediate)
    }
    socket.write('0\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('200 OK')
    expect(door.counters().slowBodies).toBe(0)
  })

  test('one that we do not read costs its client nothing', async () => {
    let read: () => void = () => undefined
    await opened((req, res) => {
      req.pause()
      read = () => {
        echo(req, res)
        req.resume()
      }
    }, IMPATIENT)
    const socket = await connected()
    socket.write(head('Content-Length: 200000') + 'x'.repeat(100_000))
    const until = performance.now() + 150
    while (performance.now() < until) await new Promise(setImmediate)
    expect(door.counters().slowBodies).toBe(0)
    read()
    socket.write('x'.repeat(100_000))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('200000')
  })
})

test('headers that never end: 408', async () => {
  await opened(echo, { headersMs: 50 })
  expect(await sent('POST / HTTP/1.1\r\nHost: x\r\nA: ')).toMatch(/^HTTP\/1\.1 408 /)
})

test('more headers than a client has a use for: 431, and nobody is asked', async () => {
  let asked = 0
  await opened((_req, res) => {
    asked += 1
    res.end()
  })
  const many = (count: number): string =>
    Array.from({ length: count }, (_, index) => `a${index}: b`).join('\r\n')
  expect(await sent(head(`${many(98)}\r\nConnection: close`))).toMatch(/^HTTP\/1\.1 200 /)
  expect(await sent(head(many(101)))).toMatch(/^HTTP\/1\.1 431 /)
  expect([asked, door.counters().tooManyHeaders]).toEqual([1, 1])
})

test('connections beyond the bound are closed, those within it are served, and the room is given back', async () => {
  await opened(echo, { connectionsMax: 2 })
  const first = await connected()
  await connected()
  const third = await connected()
  await once(third, 'close')
  expect(door.counters().droppedConnections).toBe(1)
  first.destroy()
  while (door.counters().connections > 1) await new Promise(setImmediate)
  expect(await sent(head('Connection: close'))).toMatch(/^HTTP\/1\.1 200 /)
})

test('2,000 idle connections do not keep others from being served', async () => {
  await opened(echo)
  await Promise.all(Array.from({ length: 2_000 }, connected))
  while (door.counters().connections < 2_000) await new Promise(setImmediate)
  expect(await sent(head('Connection: close'))).toMatch(/^HTTP\/1\.1 200 /)
})

describe('what cannot be read', () => {
  const long = 'x'.repeat(20_000)

  test.each([
    ['in one piece', `GET /v0/pipes/a.json?x=${long} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['without an end', `POST /v0/sql?q=${long}`],
  ])('a URL that is too long, %s, is 414 for scripts of any origin too', async (_, text) => {
    await opened(echo)
    const answer = await sent(text)
    expect(answer).toMatch(
      /^HTTP\/1\.1 414 .*Access-Control-Allow-Origin: \*.*\{"error":"The URL is too/s,
    )
    expect(door.counters().longUrls).toBe(1)
  })

  test('elsewhere no other origin may read the answer', async () => {
    await opened(echo)
    const answer = await sent(`GET /v0/tokens?x=${long} HTTP/1.1\r\n\r\n`)
    expect([answer.slice(0, 12), answer.includes('Access-Control')]).toEqual([
      'HTTP/1.1 414',
      false,
    ])
  })

  test.each([
    [431, `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${long}\r\n\r\n`],
    [400, 'no request\r\n\r\n'],
  ])('anything else is %d, as node says it', async (status, text) => {
    await opened(echo)
    expect(await sent(text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(door.counters().longUrls).toBe(0)
  })
})
