import { expect, test } from 'vitest'

import { QUERY_BODY_BYTES_MAX, QUERY_FIELDS_MAX, readQueryBody } from './read-body.ts'

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null

function post(body: Body, type?: string, headers: Record<string, string> = {}): Request {
  const init = {
    method: 'POST',
    body,
    headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    duplex: 'half' as const,
  }
  return new Request('http://x/', init)
}

test('a form and a JSON object give fields, anything else is text', async () => {
  expect(
    await readQueryBody(post('a=1&a=2', 'application/x-www-form-urlencoded; charset=utf-8')),
  ).toEqual({
    kind: 'fields',
    fields: [
      ['a', '1'],
      ['a', '2'],
    ],
    formText: 'a=1&a=2',
  })
  expect(await readQueryBody(post('{"a":[1,"x"]}', 'Application/JSON'))).toEqual({
    kind: 'fields',
    fields: [['a', [1, 'x']]],
  })
  expect(await readQueryBody(post('SELECT 1', 'text/plain'))).toEqual({
    kind: 'text',
    text: 'SELECT 1',
  })
})

test('an empty body has no fields, whatever its type', async () => {
  expect(await readQueryBody(post('', 'application/json'))).toEqual({ kind: 'fields', fields: [] })
  expect(await readQueryBody(post(null))).toEqual({ kind: 'fields', fields: [] })
})

test.each(['{', '[1]', '"x"', 'null', '1'])(
  'JSON that is no object is refused: %s',
  async (text) => {
    await expect(readQueryBody(post(text, 'application/json'))).rejects.toMatchObject({
      code: 'request.invalid',
    })
  },
)

test('what is not UTF-8 is refused', async () => {
  await expect(
    readQueryBody(post(new Uint8Array([0x53, 0xff, 0xfe]), 'text/plain')),
  ).rejects.toMatchObject({ code: 'request.invalid' })
})

test('a body over the bound is refused by its declared length, before it is read', async () => {
  const request = post('x', 'text/plain', { 'content-length': String(QUERY_BODY_BYTES_MAX + 1) })
  await expect(readQueryBody(request)).rejects.toMatchObject({ code: 'request.too_large' })
  expect(request.bodyUsed).toBe(false)
})

test('a body without a declared length is cut off at the bound', async () => {
  let sent = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536).fill(0x20))
    },
  })
  await expect(readQueryBody(post(endless, 'text/plain'))).rejects.toMatchObject({
    code: 'request.too_large',
  })
  expect(sent).toBeLessThan(QUERY_BODY_BYTES_MAX + 10 * 65_536)
})

test.each([
  ['a form', 'application/x-www-form-urlencoded', (n: number) => Array(n).fill('a=1').join('&')],
  [
    'a JSON object',
    'application/json',
    (n: number) => JSON.stringify(Object.fromEntries(Array.from({ length: n }, (_, i) => [i, 1]))),
  ],
])('attack 31: %s with more fields than the bound is refused', async (_, type, make) => {
  const kept = await readQueryBody(post(make(QUERY_FIELDS_MAX), type))
  expect(kept).toMatchObject({ kind: 'fields' })
  await expect(readQueryBody(post(make(QUERY_FIELDS_MAX + 1), type))).rejects.toMatchObject({
    code: 'request.too_large',
  })
})
