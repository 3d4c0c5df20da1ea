// Attacks 28, 31, 34 and 37: bodies of events.
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import { expect } from './expect.ts'
import type { Suite } from './suite.ts'
import type { Target } from './target.ts'

const AT = '"at":"2026-01-03 00:00:00"'
const NESTED = 100_000

/** Lines that are quarantined, each with its reason, while their neighbour is kept. */
const LINES: readonly (readonly [string, string])[] = [
  ['a list 100,000 deep', `{${AT},"name":${'['.repeat(NESTED)}${']'.repeat(NESTED)}}`],
  ['an object 100,000 deep', `{${AT},"name":${'{"a":'.repeat(NESTED)}1${'}'.repeat(NESTED)}}`],
  ['100,000 keys', `{${Array.from({ length: 100_000 }, (_, n) => `"k${n}":1`).join()}}`],
  ['a number of a million digits', `{${AT},"name":"x","amount":${'9'.repeat(1_000_000)}}`],
  ['a key of a million characters', `{"${'k'.repeat(1_000_000)}":1}`],
  ['half a surrogate pair', `{${AT},"name":"\\ud800"}`],
  ['a time beyond its type', '{"at":"2299-01-01 00:00:00","name":"x"}'],
  ['a time before its type', '{"at":"1900-01-01 00:00:00","name":"x"}'],
]

export function bodyAttacks(suite: Suite): void {
  const { describe, each, test, target } = suite
  const post = (
    body: string | Buffer,
    headers: Record<string, string> = {},
  ): ReturnType<Target['send']> =>
    target().send('/v0/events?name=events&wait=true', {
      token: target().tokens.adder,
      body,
      headers,
    })

  describe('attack 28: a body that grows too much is refused while it is unpacked', () => {
    const zeros = Buffer.alloc(100_000_000, 'a')
    const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }
    const packed: readonly (readonly [string, Buffer])[] = [
      ['gzip', gzipSync(zeros)],
      ['deflate', deflateSync(zeros)],
      ['br', brotliCompressSync(zeros, brotli)],
    ]
    each(packed)('%s', async (encoding, body) => {
      expect((await post(body, { 'Content-Encoding': encoding })).status).toBe(413)
      const path = '/v0/datasources?name=events&mode=append&format=ndjson'
      if (encoding !== 'gzip') return
      const twice = Buffer.concat([body, body])
      expect(
        (await target().send(path, { token: target().tokens.adder, body: twice })).status,
      ).toBe(413)
    })

    test('one in the other, and what nobody knows', async () => {
      const body = gzipSync(gzipSync(`{${AT},"name":"x"}`))
      for (const encoding of ['gzip, gzip', 'zstd', 'gzip;q=1', 'x', 'identity, gzip'])
        expect((await post(body, { 'Content-Encoding': encoding })).status, encoding).toBe(400)
    })

    test('a stranger has nothing unpacked', async () => {
      const path = '/v0/events?name=events'
      const headers = { 'Content-Encoding': 'gzip' }
      expect(
        (await target().send(path, { token: 'p.x.y', body: gzipSync(zeros), headers })).status,
      ).toBe(403)
    })
  })

  describe('attacks 31 and 34: a hostile line is quarantined and its neighbour kept', () => {
    each(LINES)('%s', async (_, line) => {
      const { json, text } = await post(`${line}\n{${AT},"name":"neighbour"}`)
      expect(json, text.slice(0, 300)).toEqual({ successful_rows: 1, quarantined_rows: 1 })
    })
  })

  test('attack 37: __proto__ in an event is a key nobody asked for', async () => {
    const { json } = await post(
      `{${AT},"name":"proto","__proto__":{"amount":7},"constructor":{"prototype":{"amount":7}}}`,
    )
    expect(json).toEqual({ successful_rows: 1, quarantined_rows: 0 })
    const read = await target().sql("SELECT amount FROM events WHERE name = 'proto'")
    expect(read.json).toMatchObject({ data: [{ amount: null }] })
  })

  test('attack 31: a body of nothing but line ends, or of no JSON, changes nothing', async () => {
    for (const body of ['\n'.repeat(5_000_000), '{\n'.repeat(100_000), '\0'.repeat(1_000_000)])
      expect((await post(body)).status).toBe(400)
  })
}
