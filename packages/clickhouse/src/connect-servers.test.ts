// What only servers need: rows streamed in, queries ended by KILL QUERY, another replica, answers that are no answers.
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'

import type { ClickHouse } from './client-contract.ts'
import { clickhouseUrls, connectServers, readServers } from './connect-servers.ts'
import { createReplicas } from './create-replicas.ts'
import { isAnswerLost } from './errors.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function connect(...urls: string[]): ClickHouse {
  const client = connectServers({ urls, username: 'me', password: 'hush', ca: null })
  open.push(() => client.close())
  return client
}

async function textOf(req: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of req) text += String(chunk)
  return text
}

const idOf = (req: IncomingMessage): string =>
  new URL(req.url ?? '/', 'http://x').searchParams.get('query_id') ?? ''

describe('a streamed insert', () => {
  test('brings the statement in the URL, the rows in the body, and who asks in headers', async () => {
    const seen: unknown[] = []
    const url = await serve((req, res) => {
      void textOf(req).then((body) => {
        const { searchParams } = new URL(req.url ?? '/', 'http://x')
        seen.push(body, searchParams.get('query'), searchParams.get('wait_end_of_query'))
        seen.push(req.headers['x-clickhouse-user'], req.headers['x-clickhouse-key'])
        res.end()
      })
    })
    const rows = ['{"a":1}\n', '{"a":2}\n']
    await connect(url).insert({ sql: 'INSERT INTO t FORMAT JSONEachRow', data: slices(rows) })
    expect(seen).toEqual([rows.join(''), 'INSERT INTO t FORMAT JSONEachRow', '1', 'me', 'hush'])
  })

  test('takes no more rows into memory than the server reads', async () => {
    const url = await serve((req) => {
      req.pause()
    })
    let taken = 0
    const data = (async function* () {
      const slice = Buffer.alloc(65_536)
      for (; taken < 10_000; taken += 1) yield await Promise.resolve(slice)
    })()
    const leaving = new AbortController()
    const inserting = connect(url).insert({ sql: 'INSERT', data, signal: leaving.signal })
    await expect.poll(() => taken).toBeGreaterThan(2)
    let before = -1
    await expect
      .poll(() => [before, (before = taken)], { interval: 200 })
      .toSatisfy(([earlier, later]) => earlier === later)
    leaving.abort()
    await expect(inserting).rejects.toMatchObject({ code: 'query.failed' })
    // The rest stays where it is: socket buffers hold a few megabytes.
    expect(taken).toBeLessThan(1_000)
  })

  test('that the source breaks off is no success', async () => {
    const url = await serve((req, res) => {
      textOf(req).then(
        () => res.end(),
        () => undefined,
      )
    })
    const data = (async function* () {
      yield await Promise.resolve(Buffer.from('{"a":1}\n'))
      throw new Error('the disk is gone')
    })()
    await expect(connect(url).insert({ sql: 'INSERT', data })).rejects.toMatchObject({
      code: 'engine.unavailable',
    })
  })
})

test('a query that is given up is killed by its id', async () => {
  const killed: (string | null)[] = []
  let asked = ''
  const leaving = new AbortController()
  const url = await serve((req, res) => {
    void textOf(req).then((sql) => {
      const { searchParams } = new URL(req.url ?? '/', 'http://x')
      if (sql.startsWith('KILL')) killed.push(searchParams.get('param_id'))
      else asked = idOf(req)
      if (sql.startsWith('KILL')) res.end()
      else leaving.abort()
    })
  })
  await expect(
    connect(url).command({ sql: 'INSERT', signal: leaving.signal }),
  ).rejects.toMatchObject({ code: 'query.failed' })
  await expect.poll(() => killed).toEqual([asked])
  expect(asked).not.toBe('')
})

test('an answer to another query is none', async () => {
  const url = await serve((req, res) => {
    void textOf(req).then(() => res.setHeader('X-ClickHouse-Query-Id', 'other').end())
  })
  await expect(connect(url).command({ sql: 'INSERT' })).rejects.toMatchObject({
    code: 'engine.unavailable',
  })
})

test('a server that says nothing in time is told from one that ended the query', async () => {
  const silent = await serve(() => undefined)
  const lost: unknown = await connect(silent)
    .command({ sql: 'INSERT', timeoutMs: 1 })
    .catch((err: unknown) => err)
  expect([isAnswerLost(lost), (lost as { code: string }).code]).toEqual([true, 'query.timeout'])
  const ending = await serve((_req, res) => {
    res.writeHead(500, { 'X-ClickHouse-Exception-Code': '159' }).end('Code: 159. too long')
  })
  const ended: unknown = await connect(ending)
    .command({ sql: 'INSERT' })
    .catch((err: unknown) => err)
  expect([isAnswerLost(ended), (ended as { code: string }).code]).toEqual([false, 'query.timeout'])
})

test('a name that cannot be found is an engine that is away', async () => {
  await expect(connect('http://nowhere.invalid:8123').command({ sql: '' })).rejects.toMatchObject({
    code: 'engine.unavailable',
    status: 503,
  })
})

describe('several servers', () => {
  const counting = (served: string[], name: string): RequestListener => {
    return (req, res) => {
      served.push(name)
      void textOf(req).then(() => res.setHeader('X-ClickHouse-Query-Id', idOf(req)).end())
    }
  }
  const gone = async (): Promise<string> => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    return `http://127.0.0.1:${port}`
  }

  test('are used one at a time, the first as long as it answers', async () => {
    const served: string[] = []
    const client = connect(await serve(counting(served, 'a')), await serve(counting(served, 'b')))
    for (let each = 0; each < 3; each += 1) await client.rows({ sql: 'SELECT 1' })
    expect(served).toEqual(['a', 'a', 'a'])
  })

  test('a read that found nobody is sent to the next, and so is what follows', async () => {
    const served: string[] = []
    const client = connect(await gone(), await serve(counting(served, 'b')))
    await client.rows({ sql: 'SELECT 1' })
    await client.query({ sql: 'SELECT 1' })
    await client.command({ sql: 'INSERT' })
    expect(served).toEqual(['b', 'b', 'b'])
  })

  test('what writes is never sent twice', async () => {
    const served: string[] = []
    const client = connect(await gone(), await serve(counting(served, 'b')))
    await expect(client.command({ sql: 'INSERT' })).rejects.toMatchObject({
      code: 'engine.unavailable',
    })
    await expect(
      client.query({ sql: 'SELECT 1', settings: { readonly: 0 } }),
    ).resolves.toBeDefined()
    expect(served).toEqual(['b'])
  })

  test('an error of the query is nobody else’s to answer', async () => {
    const served: string[] = []
    const refusing = await serve((_req, res) => {
      res.writeHead(404, { 'X-ClickHouse-Exception-Code': '60' }).end('Code: 60. no such table')
    })
    const client = connect(refusing, await serve(counting(served, 'b')))
    await expect(client.rows({ sql: 'SELECT 1' })).rejects.toMatchObject({ code: 'query.failed' })
    expect(served).toEqual([])
  })

  test('the first is used again when its rest is over', async () => {
    const served: string[] = []
    let now = 0
    const replica = (name: string, isAway: () => boolean): ClickHouse => {
      const real = connect(`http://nowhere.invalid:1`)
      return {
        ...real,
        rows: (request) => {
          served.push(name)
          return isAway() ? real.rows(request) : Promise.resolve([])
        },
      }
    }
    const away = { first: true }
    const client = createReplicas(
      [replica('a', () => away.first), replica('b', () => false)],
      () => now,
    )
    await client.rows({ sql: '' })
    away.first = false
    await client.rows({ sql: '' })
    now = 5_001
    await client.rows({ sql: '' })
    expect(served).toEqual(['a', 'b', 'b', 'a'])
  })
})

describe('configuration', () => {
  const given = { user: 'u', password: 'p', passwordFile: undefined, caFile: undefined }
  const noFile = (): string => {
    throw new Error('read a file')
  }

  test('no URL means the embedded engine', () => {
    expect(readServers({ ...given, url: undefined }, noFile)).toBeNull()
  })

  test('the password of a file wins, without its line end', () => {
    const file = (path: string): string => `${path} content\r\n`
    expect(
      readServers({ ...given, url: 'https://a:8443', passwordFile: 'f', caFile: 'ca' }, file),
    ).toEqual({
      urls: ['https://a:8443'],
      username: 'u',
      password: 'f content',
      ca: 'ca content\r\n',
    })
  })

  test.each([
    ['clickhouse:8123'],
    ['ftp://a:1'],
    ['http://me:hush@a:1'],
    ['http://a:1/path'],
    ['http://a:1?x=1'],
    [''],
    [Array.from({ length: 17 }, () => 'http://a:1').join(',')],
  ])('is refused without showing it: %s', (url) => {
    expect(clickhouseUrls(url)).toBeNull()
    const refuse = (): unknown => readServers({ ...given, url }, noFile)
    expect(refuse).toThrow(/^Wrong configuration: SANDPIPER_CLICKHOUSE_URL/)
    expect(refuse).not.toThrow(/hush/)
  })
})

async function* slices(texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text))
}
