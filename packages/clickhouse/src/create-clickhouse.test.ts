// The client against a scripted HTTP server: what the real engine does only rarely (dying half-way, hanging, refusing).
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'

import type { ClickHouse } from './client-contract.ts'
import { createClickHouse, type ClickHouseOptions } from './create-clickhouse.ts'
import { HEAD_BYTES_MAX } from './hold-head.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function serve(listener: RequestListener, options?: ClickHouseOptions): Promise<ClickHouse> {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = createClickHouse({ url: `http://127.0.0.1:${port}`, loadsFiles: false }, options)
  open.push(
    () => client.close(),
    () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  )
  return client
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of body) text += Buffer.from(chunk).toString()
  return text
}

test('the SQL travels in the body and the select is read-only', async () => {
  const client = await serve((req, res) => {
    void drain(req).then((sql) => res.end(JSON.stringify({ sql, url: req.url })))
  })
  const reply = await client.query({ sql: 'SELECT 1', queryId: 'q' })
  const seen = JSON.parse(await drain(reply.body)) as { sql: string; url: string }
  expect(seen.sql).toBe('SELECT 1')
  expect(seen.url).toContain('readonly=1')
  expect(seen.url).toContain('query_id=q')
  expect(reply.whole).not.toBeNull()
})

test('an error status rejects before any reply exists', async () => {
  const client = await serve((_req, res) => {
    res
      .writeHead(404, { 'X-ClickHouse-Exception-Code': '60' })
      .end('Code: 60. DB::Exception: no such thing. (UNKNOWN_TABLE)')
  })
  await expect(client.query({ sql: '' })).rejects.toMatchObject({
    code: 'query.failed',
    status: 400,
    message: '[Error] no such thing (UNKNOWN_TABLE)',
  })
})

test('an error marked inside a small body still gets its own status', async () => {
  const client = await serve((_req, res) => {
    res.writeHead(200, { 'X-ClickHouse-Exception-Tag': 'abcdefgh' })
    res.end(
      '{"data":[1,\r\n__exception__\r\nabcdefgh\r\nCode: 241. DB::Exception: too much. (MEMORY_LIMIT_EXCEEDED)\n49 abcdefgh\r\n__exception__\r\n',
    )
  })
  await expect(client.query({ sql: '' })).rejects.toMatchObject({
    code: 'query.failed',
    message: '[Error] too much (MEMORY_LIMIT_EXCEEDED)',
  })
})

test('a body without a marked error comes through byte for byte', async () => {
  const text = 'x'.repeat(5_000) + '__exception__\r\nother'
  const client = await serve((_req, res) => {
    res.writeHead(200, { 'X-ClickHouse-Exception-Tag': 'abcdefgh' })
    for (let at = 0; at < text.length; at += 7) res.write(text.slice(at, at + 7))
    res.end()
  })
  const reply = await client.query({ sql: '' })
  expect(await drain(reply.body)).toBe(text)
})

test('a connection that dies within the first MiB rejects', async () => {
  const client = await serve((_req, res) => {
    res.write('{"meta":[', () => res.socket?.destroy())
  })
  await expect(client.query({ sql: '' })).rejects.toMatchObject({ code: 'engine.unavailable' })
})

test('a connection that dies after the first MiB makes the stream throw: it never looks complete', async () => {
  const client = await serve((_req, res) => {
    res.write(Buffer.alloc(HEAD_BYTES_MAX + 65_536), () =>
      setImmediate(() => res.socket?.destroy()),
    )
  })
  const reply = await client.query({ sql: '' })
  expect(reply.whole).toBeNull()
  await expect(drain(reply.body)).rejects.toMatchObject({ code: 'engine.unavailable' })
})

test('an error marked after the first MiB makes the stream throw, and no byte of the marker is handed on', async () => {
  const client = await serve((_req, res) => {
    res.writeHead(200, { 'X-ClickHouse-Exception-Tag': 'abcdefgh' })
    res.write(Buffer.alloc(2 * HEAD_BYTES_MAX, 'a'))
    res.end(
      '\r\n__exception__\r\nabcdefgh\r\nCode: 395. DB::Exception: late. (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)\n70 abcdefgh\r\n__exception__\r\n',
    )
  })
  const reply = await client.query({ sql: '' })
  const got: string[] = []
  const reading = (async () => {
    for await (const chunk of reply.body) got.push(Buffer.from(chunk).toString())
  })()
  await expect(reading).rejects.toMatchObject({
    message: '[Error] late (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)',
  })
  expect(got.join('')).not.toContain('__exception__')
})

test('leaving closes the connection, so that the engine sees it', async () => {
  let gone: () => void = () => undefined
  const closed = new Promise<void>((resolve) => (gone = resolve))
  let arrived: () => void = () => undefined
  const started = new Promise<void>((resolve) => (arrived = resolve))
  const client = await serve((req, res) => {
    res.on('close', gone)
    req.resume()
    arrived()
  })
  const leaving = new AbortController()
  const asked = client.query({ sql: '', signal: leaving.signal })
  const rejected = expect(asked).rejects.toMatchObject({ code: 'query.failed' })
  await started
  leaving.abort()
  await rejected
  await closed
})

test('a reader that stops early closes the connection and frees its place', async () => {
  let gone: () => void = () => undefined
  const closed = new Promise<void>((resolve) => (gone = resolve))
  let first = true
  const client = await serve(
    (_req, res) => {
      if (!first) return void res.end('ok')
      first = false
      res.on('close', gone)
      res.write(Buffer.alloc(HEAD_BYTES_MAX + 1))
    },
    { connectionsMax: 1 },
  )
  const reply = await client.query({ sql: '' })
  for await (const chunk of reply.body) {
    expect(chunk.byteLength).toBeGreaterThan(0)
    break
  }
  await closed
  expect(await drain((await client.query({ sql: '' })).body)).toBe('ok')
})

test('an engine that never answers is query.timeout after the limit', async () => {
  const client = await serve((req) => {
    req.resume()
  })
  await expect(client.query({ sql: '', timeoutMs: 1 })).rejects.toMatchObject({
    code: 'query.timeout',
    status: 408,
  })
})

test('an engine that is not there is engine.unavailable, and ping says so', async () => {
  const client = createClickHouse({
    url: 'http://localhost',
    socketPath: '/nonexistent/engine.sock',
    loadsFiles: false,
  })
  open.push(() => client.close())
  await expect(client.query({ sql: '' })).rejects.toMatchObject({
    code: 'engine.unavailable',
    status: 503,
  })
  expect(await client.ping()).toBe(false)
})

test('rows refuses an answer over its bound', async () => {
  const client = await serve((_req, res) => {
    const line = Buffer.from(`${JSON.stringify({ a: 'x'.repeat(1_000_000) })}\n`)
    for (let n = 0; n < 18; n++) res.write(line)
    res.end()
  })
  await expect(client.rows({ sql: '' })).rejects.toMatchObject({
    details: { headers: { 'X-DB-Exception-Code': '396' } },
  })
})

test('a ping is answered while every connection for queries is taken', async () => {
  const client = await serve(
    (req, res) => {
      if (req.url === '/ping') res.end('Ok.\n')
    },
    { connectionsMax: 2 },
  )
  const leaving = new AbortController()
  const stuck = [1, 2].map(() =>
    client.query({ sql: '', signal: leaving.signal }).catch(() => 'left'),
  )
  expect(await client.ping()).toBe(true)
  leaving.abort()
  expect(await Promise.all(stuck)).toEqual(['left', 'left'])
})
