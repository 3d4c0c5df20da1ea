// A real server on this machine stands for the outside; the resolver is a dependency, so that a test can lie as an attacker's does.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Fault } from '@sandpiper/faults'
import { afterEach, describe, expect, test } from 'vitest'

import {
  createOutbound,
  createOutboundCounters,
  type OutboundOptions,
  type RemoteRequest,
} from './create-outbound.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(answer: RequestListener): Promise<{ port: number; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = []
  const server = createServer((req, res) => {
    seen.push(req)
    answer(req, res)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, seen }
}

const LOCAL = { address: '127.0.0.1', family: 4 }
/** Of example.com; no test reaches it. */
const PUBLIC = { address: '93.184.216.34', family: 4 }

/** Any name is this machine, and this machine is allowed by name. */
const ALLOWED: OutboundOptions = {
  privateHosts: ['files.test', 'other.test', '127.0.0.1'],
  resolve: () => Promise.resolve([LOCAL]),
}

function open(
  url: string,
  options: OutboundOptions = ALLOWED,
  request: Partial<RemoteRequest> = {},
) {
  const signal = AbortSignal.timeout(20_000)
  return createOutbound(options).openRemote(url, { bytesMax: 1_000_000, signal, ...request })
}

async function faultOf(work: Promise<unknown>): Promise<{ code: string; text: string }> {
  const err: unknown = await work.then(
    () => new Error('it succeeded'),
    (cause: unknown) => cause,
  )
  return err instanceof Fault
    ? { code: err.code, text: err.details.public }
    : { code: `no fault: ${String(err)}`, text: '' }
}

async function textOf(reply: { body: AsyncIterable<Uint8Array> }): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of reply.body) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

describe('a file is fetched', () => {
  test('from an allowed host, with its status, headers and body', async () => {
    const { port, seen } = await serve((_req, res) =>
      res.writeHead(200, { 'content-type': 'text/csv', etag: 'x' }).end('a,b\n1,2\n'),
    )
    const reply = await open(`http://files.test:${port}/a.csv?sig=secret`)
    expect(reply).toMatchObject({ status: 200, shownUrl: `http://files.test:${port}/a.csv` })
    expect(reply.headers).toMatchObject({ 'content-type': 'text/csv', etag: 'x' })
    expect(await textOf(reply)).toBe('a,b\n1,2\n')
    expect(seen[0]?.url).toBe('/a.csv?sig=secret')
    expect(seen[0]?.headers).toMatchObject({
      host: `files.test:${port}`,
      'accept-encoding': 'identity',
    })
  })

  test('with a password that escapes nothing with its percent sign', async () => {
    const { port, seen } = await serve((_, res) => res.end('x'))
    await textOf(await open(`http://me:100%ff%@files.test:${port}/`))
    const expected = `Basic ${Buffer.from('me:100%ff%').toString('base64')}`
    expect(seen[0]?.headers.authorization).toBe(expected)
  })

  test('with a status of 404 as it is', async () => {
    const { port } = await serve((_req, res) => res.writeHead(404).end('no'))
    expect((await open(`http://files.test:${port}/`)).status).toBe(404)
  })

  test('through redirects; user, password and given headers stay with the first host', async () => {
    const second = await serve((_req, res) => res.end('there'))
    const first = await serve((_req, res) =>
      res.writeHead(302, { location: `http://me:too@other.test:${second.port}/b` }).end(),
    )
    const reply = await open(`http://user:p%40ss@files.test:${first.port}/a`, ALLOWED, {
      headers: { 'x-key': '1' },
    })
    expect(await textOf(reply)).toBe('there')
    expect(first.seen[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
      'x-key': '1',
    })
    expect(second.seen[0]?.headers.authorization).toBeUndefined()
    expect(second.seen[0]?.headers['x-key']).toBeUndefined()
  })
})

describe('a request is refused and nothing is sent', () => {
  test.each([
    'file:///etc/passwd',
    'gopher://files.test/',
    'ftp://files.test/',
    'data:text/csv,a',
    'javascript:1',
    'http://',
    'nothing',
    `http://files.test/${'a'.repeat(9_000)}`,
  ])('%s', async (url) => {
    expect((await faultOf(open(url))).code).toBe('request.invalid')
  })

  test.each([
    'http://127.0.0.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f000001:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://0:PORT/',
    'http://0.0.0.0:PORT/',
    'http://[::1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://localhost:PORT/',
    'http://１２７.０.０.１:PORT/',
    'http://①②⑦.0.0.1:PORT/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
  ])('%s: an address of this machine or network in any spelling', async (url) => {
    const { port, seen } = await serve((_req, res) => res.end('secret'))
    const refused = await faultOf(open(url.replace('PORT', String(port)), {}))
    expect(refused.code).toBe('request.invalid')
    expect(refused.text).toContain('private or reserved network')
    expect(seen).toEqual([])
  })

  test('a name in other letters is judged by what it resolves to', async () => {
    const asked: string[] = []
    const refused = await faultOf(
      open('http://ⓔxämple.com/', {
        resolve: (host) => {
          asked.push(host)
          return Promise.resolve([LOCAL])
        },
      }),
    )
    expect(asked).toEqual(['xn--exmple-cua.com'])
    expect(refused.code).toBe('request.invalid')
  })

  test('one private address among public ones', async () => {
    const resolve = () => Promise.resolve([PUBLIC, LOCAL])
    expect((await faultOf(open('http://files.test/', { resolve }))).code).toBe('request.invalid')
  })

  test('a redirect to a private address, at any hop', async () => {
    const inner = await serve((_req, res) => res.end('secret'))
    const second = await serve((_req, res) =>
      res.writeHead(307, { location: `http://internal.test:${inner.port}/` }).end(),
    )
    const first = await serve((_req, res) =>
      res.writeHead(301, { location: `http://other.test:${second.port}/` }).end(),
    )
    const refused = await faultOf(
      open(`http://files.test:${first.port}/`, {
        ...ALLOWED,
        privateHosts: ['files.test', 'other.test'],
      }),
    )
    expect(refused.code).toBe('request.invalid')
    expect(second.seen).toHaveLength(1)
    expect(inner.seen).toEqual([])
  })

  test.each(['file:///etc/passwd', 'gopher://x/', 'http://'])(
    'a redirect to %s',
    async (location) => {
      const { port } = await serve((_req, res) => res.writeHead(302, { location }).end())
      expect((await faultOf(open(`http://files.test:${port}/`))).code).toBe('request.invalid')
    },
  )

  test('a sixth redirect', async () => {
    const { port, seen } = await serve((_req, res) => res.writeHead(302, { location: '/' }).end())
    expect((await faultOf(open(`http://files.test:${port}/`))).text).toContain('too often')
    expect(seen).toHaveLength(6)
  })
})

describe('rebinding: a name that resolves differently the second time', () => {
  /** Allowed the first time it is asked for, not allowed after that. */
  function turning(): OutboundOptions & { times(): number } {
    let times = 0
    return {
      privateHosts: ['127.0.0.1'],
      resolve: () => Promise.resolve([++times === 1 ? LOCAL : { address: '127.0.0.2', family: 4 }]),
      times: () => times,
    }
  }

  test('the connection goes to what was judged, by one resolution', async () => {
    const { port } = await serve((_req, res) => res.end('judged'))
    const options = turning()
    expect(await textOf(await open(`http://rebind.test:${port}/`, options))).toBe('judged')
    expect(options.times()).toBe(1)
  })

  test('a redirect to the same name is resolved and judged anew', async () => {
    const { port, seen } = await serve((_req, res) =>
      res.writeHead(302, { location: '/again' }).end(),
    )
    const refused = await faultOf(open(`http://rebind.test:${port}/`, turning()))
    expect(refused.code).toBe('request.invalid')
    expect(seen.map((each) => each.url)).toEqual(['/'])
  })
})

describe('a reply is bounded', () => {
  test('by its announced length, before anything is read', async () => {
    const { port } = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': '1000001' })
      res.write('x')
    })
    expect((await faultOf(open(`http://files.test:${port}/`))).code).toBe('request.too_large')
  })

  test('by its bytes when it announced none', async () => {
    const { port } = await serve((_req, res) => {
      const more = (): void => {
        while (res.write(Buffer.alloc(65_536)));
        res.once('drain', more)
      }
      more()
    })
    const reply = await open(`http://files.test:${port}/`)
    expect((await faultOf(textOf(reply))).code).toBe('request.too_large')
  })

  test('by the bytes of its headers', async () => {
    const { port } = await serve((_req, res) =>
      res.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end(),
    )
    const failed = await faultOf(open(`http://files.test:${port}/`))
    expect(failed).toMatchObject({ code: 'remote.unavailable' })
    expect(failed.text).toContain('headers of the reply are too long')
  })

  test('by the time to its head', async () => {
    const { port } = await serve(() => undefined)
    const failed = await faultOf(
      open(`http://files.test:${port}/`, { ...ALLOWED, firstByteMs: 50 }),
    )
    expect(failed.code).toBe('remote.unavailable')
  })

  test('by the time between two pieces', async () => {
    const { port } = await serve((_req, res) => res.write('first'))
    const reply = await open(`http://files.test:${port}/`, { ...ALLOWED, idleMs: 50 })
    expect((await faultOf(textOf(reply))).code).toBe('remote.unavailable')
  })

  test('by the time of everything', async () => {
    const { port } = await serve((_req, res) => res.write('first'))
    const reply = await open(`http://files.test:${port}/`, ALLOWED, { totalMs: 200 })
    const failed = await faultOf(textOf(reply))
    expect(failed).toMatchObject({ code: 'remote.unavailable' })
    expect(failed.text).toContain('took too long')
  })

  test('by the signal of whoever asked: its reason is thrown', async () => {
    const { port } = await serve((_req, res) => res.write('first'))
    const controller = new AbortController()
    const reply = await open(`http://files.test:${port}/`, ALLOWED, { signal: controller.signal })
    const reading = textOf(reply)
    controller.abort(new Error('cancelled by a test'))
    await expect(reading).rejects.toThrow('cancelled by a test')
  })

  test('and one that ends early does not look complete', async () => {
    const { port } = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': '100' })
      res.write('only this', () => res.socket?.destroy())
    })
    const reply = await open(`http://files.test:${port}/`)
    expect((await faultOf(textOf(reply))).code).toBe('remote.unavailable')
  })
})

describe('what a caller is told of a failure', () => {
  test('names the host and the reason, never the secrets of the URL', async () => {
    const { port } = await serve((_req, res) => res.end())
    servers.splice(0).forEach((server) => server.close())
    const failed = await faultOf(open(`http://user:secret@files.test:${port}/a?token=secret`))
    expect(failed).toEqual({
      code: 'remote.unavailable',
      text: `http://files.test:${port}/a could not be fetched: the host refuses the connection.`,
    })
  })

  test('when there is no such host', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))
    expect((await faultOf(open('http://nowhere.test/', { resolve }))).text).toBe(
      'http://nowhere.test/ could not be fetched: there is no host of this name.',
    )
  })

  test('when the resolver never answers', async () => {
    const resolve = () => new Promise<never>(() => undefined)
    const failed = await faultOf(open('http://slow.test/', { resolve, connectMs: 30 }))
    expect(failed.code).toBe('remote.unavailable')
  })
})

test('counts how each request ended, redirects not apart', async () => {
  const counters = createOutboundCounters()
  const options = { ...ALLOWED, counters }
  const { port } = await serve((req, res) => {
    if (req.url === '/gone') req.socket.destroy()
    else if (req.url === '/moved') res.writeHead(302, { location: '/there' }).end()
    else res.writeHead(404).end()
  })
  const host = `http://files.test:${port}`
  ;(await open(`${host}/moved`, options)).close()
  expect(await faultOf(open(`${host}/gone`, options))).toMatchObject({ code: 'remote.unavailable' })
  expect(await faultOf(open('http://10.0.0.1/x', options))).toMatchObject({
    code: 'request.invalid',
  })
  await expect(open(host, options, { signal: AbortSignal.abort() })).rejects.toThrow()
  expect(counters).toEqual({ answered: 1, refused: 1, failed: 1, aborted: 1 })
})
