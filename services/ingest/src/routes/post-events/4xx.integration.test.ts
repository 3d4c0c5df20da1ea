// Every refusal says why and leaves nothing in the log.
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startIngest, type Answer, type TestIngest } from '../../testing/start-ingest.ts'

let ingest: TestIngest
beforeAll(async () => {
  ingest = await startIngest({ limits: { bodyBytesMax: 3_000_000 } })
})
afterAll(() => ingest.stop())
afterEach(() => {
  expect(ingest.log.durable()).toBe(0)
})

const refusal = ({ status, body }: Answer): [number, unknown] => [status, body['error']]

describe('400', () => {
  test.each([
    ['', '{"n":1}', "The parameter 'name' is missing: the name of the data source to append to."],
    ['name=events', '', 'The body is empty: send one JSON object per line.'],
    ['name=events', '\n \n', 'The body has no events: send one JSON object per line.'],
    ['name=events&format=json', '[]', 'The body has no events: send one JSON object per line.'],
    [
      'name=events',
      'nope\n[1]',
      'The body holds no events that can be read: not valid JSON: unexpected "n". Nothing was stored.',
    ],
    [
      'name=events',
      '<html>',
      'The body holds no events that can be read: not valid JSON: unexpected "<". Nothing was stored.',
    ],
    [
      'name=events&format=json',
      '[{"n":1},{"n":',
      'The body holds no events that can be read: not valid JSON: it ends too early. Nothing was stored.',
    ],
    [
      'name=events&format=csv',
      '{"n":1}',
      "The format 'csv' is not supported here: use ndjson or json.",
    ],
    [
      'name=events&__tb__deployment=x',
      '{"n":1}',
      "__tb__deployment must be 'live', 'staging' or the number of a deployment.",
    ],
    [
      'name=events_quarantine',
      '{"n":1}',
      "'events_quarantine' holds the refused rows of 'events' and cannot be appended to. Send the events to 'events'.",
    ],
  ])('%s with the body %j', async (query, body, error) => {
    expect(refusal(await ingest.post(query, body))).toEqual([400, error])
  })

  test('a body of nothing but bytes that are no text', async () => {
    expect(refusal(await ingest.post('name=events', Buffer.from([0xff, 0xfe, 0x00])))[0]).toBe(400)
  })

  test.each(['gzip, gzip', 'zstd, gzip', 'compress'])(
    'Content-Encoding %s names what is supported',
    async (encoding) => {
      const answer = await ingest.post('name=events', '{"n":1}', {
        headers: { 'Content-Encoding': encoding },
      })
      expect(refusal(answer)).toEqual([
        400,
        `Content-Encoding '${encoding}' is not supported: send the body as it is or with one of gzip, deflate, br, zstd.`,
      ])
    },
  )

  test.each([
    ['no gzip at all', Buffer.from('{"n":1}')],
    ['cut off', gzipSync('{"n":1}\n'.repeat(100)).subarray(0, -9)],
  ])('gzip that is %s', async (_, body) => {
    const answer = await ingest.post('name=events', body, {
      headers: { 'Content-Encoding': 'gzip' },
    })
    expect(refusal(answer)).toEqual([400, 'The compressed body is damaged or cut off.'])
  })
})

describe('403', () => {
  test.each([
    ['no token', () => ingest.post('name=events', '{"n":1}', { token: null })],
    [
      'an unknown token',
      () =>
        ingest.post('name=events', '{"n":1}', {
          token: `${ingest.tokens.append.slice(0, -4)}AAAA`,
        }),
    ],
    ['text that is no token', () => ingest.post('name=events', '{"n":1}', { token: 'x' })],
    [
      'a token that only reads',
      () => ingest.post('name=events', '{"n":1}', { token: ingest.tokens.read }),
    ],
    [
      'a deployment that is not there',
      () => ingest.post('name=events&__tb__deployment=99', '{"n":1}'),
    ],
  ])('%s', async (_, send) => {
    expect((await send()).status).toBe(403)
  })

  test.each(['other', 'events_quarantine', '__proto__', 'constructor', `t_${'0'.repeat(32)}`])(
    'a token without the right cannot tell whether %s exists',
    async (name) => {
      const token = ingest.tokens.read
      const unknown = await ingest.post(`name=${name}`, '{"n":1}', { token })
      const known = await ingest.post('name=events', '{"n":1}', { token })
      expect(refusal(unknown)).toEqual([403, `Resource '${name}' not found`])
      expect(refusal(known)).toEqual([403, "Resource 'events' not found"])
    },
  )
})

describe('404', () => {
  test('an unknown data source, for tokens that may know', async () => {
    for (const token of [ingest.tokens.admin, ingest.tokens.create]) {
      expect(refusal(await ingest.post('name=nope', '{"n":1}', { token }))).toEqual([
        404,
        "Data source 'nope' not found. Add a datafile for it to the project and deploy it.",
      ])
    }
  })

  test('an unknown deployment, for an admin', async () => {
    expect(
      (
        await ingest.post('name=events&__tb__deployment=99', '{"n":1}', {
          token: ingest.tokens.admin,
        })
      ).status,
    ).toBe(404)
  })
})

describe('405', () => {
  test.each(['GET', 'PUT', 'DELETE'])('%s', async (method) => {
    const response = await ingest.app.request('/v0/events?name=events', { method })
    expect([response.status, response.headers.get('Allow')]).toEqual([405, 'POST, OPTIONS'])
  })
})

describe('413', () => {
  const line = '{"n":1,"s":"' + 'x'.repeat(988) + '"}\n'

  test('a body above the limit, told by its length or only found out', async () => {
    const error = 'The body is larger than 3000000 bytes. Split it into several requests.'
    const large = line.repeat(3_100)
    expect(
      refusal(
        await ingest.post('name=events', large, {
          headers: { 'Content-Length': String(large.length) },
        }),
      ),
    ).toEqual([413, error])
    expect(refusal(await ingest.post('name=events', large))).toEqual([413, error])
  })

  test('a small body that grows above the limit', async () => {
    const random = Array.from({ length: 40_000 }, (_, index) =>
      JSON.stringify({ n: index, s: 'y'.repeat(80) }),
    ).join('\n')
    const answer = await ingest.post('name=events', gzipSync(random), {
      headers: { 'Content-Encoding': 'gzip' },
    })
    expect(refusal(answer)).toEqual([
      413,
      'The body is larger than 3000000 bytes. Split it into several requests.',
    ])
  })

  test('tiny lines that would fill the memory with their refusals', async () => {
    const before = ingest.log.durable()
    const app = ingest.appWith({ decodedBytesMax: 1_000_000 })
    const answer = await app.request('/v0/events?name=events', {
      method: 'POST',
      body: `{"n":1}\n${'1\n'.repeat(100_000)}`,
      headers: { Authorization: `Bearer ${ingest.tokens.append}` },
    })
    expect([answer.status, await answer.json()]).toEqual([
      413,
      {
        error:
          'The events of the body take more than 1000000 bytes. Split it into several requests.',
      },
    ])
    expect(ingest.log.durable()).toBe(before)
  })

  test('a bomb is stopped long before the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(2_900_000, 0x20))
    const answer = await ingest.post('name=events', bomb, {
      headers: { 'Content-Encoding': 'gzip' },
    })
    expect(refusal(answer)).toEqual([
      413,
      'The compressed body grows to more than 250 times its size.',
    ])
  })
})
