// Attacks 28, 38 and 40 on this route, and what a connection is used for, byte by byte.
import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startIngest, type TestIngest } from '../../testing/start-ingest.ts'
import { ZSTD_BEST, ZSTD_FAST, zstdRepeats } from '../../testing/zstd-fixtures.ts'

let ingest: TestIngest
beforeAll(async () => {
  ingest = await startIngest({ limits: { bodyBytesMax: 30_000_000 } })
})
afterAll(() => ingest.stop())

/** What comes back until the server ends the connection. */
async function sent(text: string | Buffer): Promise<string> {
  const socket = connect(await ingest.app.port(), '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
  socket.on('error', () => undefined)
  socket.write(text)
  await once(socket, 'close')
  return answer
}

const statusesIn = (answer: string): string[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status ?? '')
const head = (more: readonly string[], method = 'POST'): string =>
  [
    `${method} /v0/events?name=events HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${ingest.tokens.append}`,
    ...more,
    '\r\n',
  ].join('\r\n')

describe('what two parsers could read in two ways is refused and stores nothing', () => {
  test.each([
    [
      'two lengths of different kinds',
      ['Content-Length: 7', 'Transfer-Encoding: chunked'],
      '7\r\n{"n":1}\r\n0\r\n\r\n',
    ],
    ['two lengths', ['Content-Length: 7', 'Content-Length: 8'], '{"n":1} '],
    ['a list of lengths', ['Content-Length: 7, 8'], '{"n":1} '],
    ['a coding nobody asked for', ['Transfer-Encoding: gzip'], '{"n":1}'],
    [
      'chunked that is not the last coding',
      ['Transfer-Encoding: chunked, identity'],
      '7\r\n{"n":1}\r\n0\r\n\r\n',
    ],
    ['a size that is no number', ['Transfer-Encoding: chunked'], '-7\r\n{"n":1}\r\n0\r\n\r\n'],
  ])('%s', async (_, headers, body) => {
    const before = ingest.log.durable()
    expect(statusesIn(await sent(head(headers) + body))).toEqual(['400'])
    expect(ingest.log.durable()).toBe(before)
  })
})

test('requests sent without waiting for answers are stored and answered in their order', async () => {
  const before = ingest.log.durable()
  const requests = Array.from({ length: 20 }, (_, n) => {
    const body = n === 7 ? '' : `{"n":${n}}`
    const last = n === 19 ? ['Connection: close'] : []
    return head([`Content-Length: ${body.length}`, ...last]) + body
  })
  const answer = await sent(requests.join(''))
  expect(statusesIn(answer)).toEqual(requests.map((_, n) => (n === 7 ? '400' : '202')))
  const frames = await ingest.framesAfter(before)
  expect(frames).toHaveLength(19)
})

test('GET and HEAD are answered with 405, HEAD without a body, and the connection goes on', async () => {
  const answer = await sent(
    head([], 'GET') + head([], 'HEAD') + head(['Connection: close'], 'DELETE'),
  )
  expect(statusesIn(answer)).toEqual(['405', '405', '405'])
  expect(answer.match(/^Allow: POST, OPTIONS\r$/gm)).toHaveLength(3)
  expect(answer.match(/is not allowed here/g)).toHaveLength(2)
})

test('a body that is refused before its end gets its answer, and the connection is closed behind it', async () => {
  const answer = await sent(head(['Content-Length: 30000001']) + 'x'.repeat(200_000))
  expect(statusesIn(answer)).toEqual(['413'])
  expect(answer).toMatch(/^Connection: close\r$/m)
})

test('a client that reads the answer only after all of its body gets it', async () => {
  const bytes = 30_000_001
  const socket = connect(await ingest.app.port(), '127.0.0.1')
  const errors: string[] = []
  socket.on('error', (err) => errors.push(err.message))
  const closed = new Promise<void>((resolve) => socket.on('close', resolve))
  socket.pause()
  socket.write(head([`Content-Length: ${bytes}`]))
  const piece = Buffer.alloc(1_000_000, 'x')
  for (let left = bytes; left > 0 && !socket.destroyed; left -= piece.length) {
    if (socket.write(piece.subarray(0, left))) continue
    await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed])
  }
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString())).resume()
  await closed
  expect(errors).toEqual([])
  expect(statusesIn(answer)).toEqual(['413'])
})

test('what a caller names comes back as JSON text, whatever is in it', async () => {
  const name = '\u001b[31m\n"x"\r\nSet-Cookie: a=b'
  const answer = await ingest.post(`name=${encodeURIComponent(name)}`, '{"n":1}')
  expect([answer.status, answer.body['error']]).toEqual([403, `Resource '${name}' not found`])
  expect(answer.headers.get('Set-Cookie')).toBeNull()
  // Labels of what is counted are codes of ours, never a caller's text.
  expect(Object.keys(ingest.app.counters.refused).join()).toMatch(/^[a-z_.,]+$/)
})

describe('zstd', () => {
  const post = (body: Buffer): ReturnType<TestIngest['post']> =>
    ingest.post('name=events', body, { headers: { 'Content-Encoding': 'zstd' } })

  test.each([
    ['small', ZSTD_FAST, 1],
    ['in several frames', Buffer.concat(new Array<Buffer>(60).fill(ZSTD_BEST)), 60],
  ])('%s', async (_, body, times) => {
    expect(await post(body)).toMatchObject({
      status: 202,
      body: { successful_rows: 400 * times, quarantined_rows: 0 },
    })
  })

  test('a bomb is stopped at its first mebibyte', async () => {
    const bomb = zstdRepeats(' ', new Array<number>(10_000).fill(131_072))
    const { status, body } = await post(bomb)
    expect([status, body['error']]).toEqual([
      413,
      'The compressed body grows to more than 250 times its size.',
    ])
    expect(ingest.app.counters.inFlightBytes).toBe(0)
  })

  test('one coding in another, and a name for what it is not', async () => {
    expect((await post(gzipSync('{"n":1}'))).status).toBe(400)
    const headers = { 'Content-Encoding': 'zstd, zstd' }
    expect((await ingest.post('name=events', ZSTD_FAST, { headers })).status).toBe(400)
  })
})

test('a disk that is almost full: 507 with Retry-After before anything is read, and all is well when there is room', async () => {
  let isLow = true
  const app = ingest.appWith({}, { isDiskLow: () => isLow })
  const post = (): Promise<Response> =>
    app.request('/v0/events?name=events', {
      method: 'POST',
      body: '{"n":1}',
      headers: { Authorization: `Bearer ${ingest.tokens.append}` },
    })
  const refused = await post()
  expect([refused.status, refused.headers.get('Retry-After')]).toEqual([507, '5'])
  isLow = false
  expect((await post()).status).toBe(202)
})
