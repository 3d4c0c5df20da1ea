import type { Column } from '@sandpiper/datafile'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileSchema } from './compile-schema.ts'
import { decodeBody } from './decode-body.ts'
import type { DecodedBody } from './decoded.ts'

const columns: Column[] = [
  { name: 'n', type: 'Int32', jsonPath: '$.n', default: null, codec: null },
]
const decode = (
  body: string | Buffer,
  format: 'ndjson' | 'json' = 'ndjson',
): Promise<DecodedBody> =>
  decodeBody(Buffer.from(body), compileSchema(columns), { format, now: () => 0 })
const numbers = ({ rows }: DecodedBody): number[] =>
  rows
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { n: number }).n)

test('tells what each block takes, and ends when that is too much', async () => {
  const body = Buffer.from('{"n":1}\nx\n'.repeat(20_000))
  let told = 0
  const options = { now: () => 0, onBytes: (bytes: number) => void (told += bytes) }
  const whole = await decodeBody(body, compileSchema(columns), options)
  expect(told).toBe(whole.rows.length + whole.refused.length)
  let calls = 0
  const onBytes = (): void => {
    calls += 1
    if (calls === 2) throw new Error('enough')
  }
  const cut = decodeBody(body, compileSchema(columns), { now: () => 0, onBytes })
  await expect(cut).rejects.toThrow('enough')
  expect(calls).toBe(2)
})

describe('lines', () => {
  test.each([
    ['with and without a last newline', '{"n":1}\n{"n":2}'],
    ['CRLF', '{"n":1}\r\n{"n":2}\r\n'],
    ['CRLF without the last', '{"n":1}\r\n{"n":2}'],
    ['a last one that ends like a Macintosh', '{"n":1}\n{"n":2}\r'],
    ['a blank one, and no last newline', '{"n":1}\n\n{"n":2}'],
    ['a blank one first, and no last newline', '\n{"n":1}\n{"n":2}'],
    ['blank ones among them', '\n \t\n{"n":1}\n\n\r\n{"n":2}\n\n'],
    ['after a byte order mark', '\ufeff{"n":1}\n{"n":2}\n'],
  ])('%s', async (_, body) => {
    const decoded = await decode(body)
    expect(decoded.rows.toString()).toBe('{"n":1}\n{"n":2}\n')
    expect(decoded).toMatchObject({
      rowCount: 2,
      refusedCount: 0,
      malformedCount: 0,
      firstErrors: [],
    })
  })

  test('bad ones among good ones are refused alone, in order, with their reasons', async () => {
    const decoded = await decode('{"n":1}\nnope\n{"n":"x"}\n{"n":2}\n[]\n')
    expect(numbers(decoded)).toEqual([1, 2])
    expect(decoded).toMatchObject({ rowCount: 2, refusedCount: 3, malformedCount: 2 })
    expect(decoded.firstErrors.map((error) => error.column)).toEqual(['', 'n', ''])
    const raw = decoded.refused
      .toString()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { c__raw: string }).c__raw)
    expect(raw).toEqual(['nope', '{"n":"x"}', '[]'])
  })

  test('bytes that are not UTF-8 cost their own line only', async () => {
    const bad = Buffer.concat([
      Buffer.from('{"n":1}\n{"n":2,"s":"'),
      Buffer.from([0xff, 0xed, 0xa0, 0x80]),
      Buffer.from('"}\n{"n":3}'),
    ])
    const decoded = await decode(bad)
    expect(numbers(decoded)).toEqual([1, 3])
    expect(decoded.firstErrors).toEqual([{ column: '', message: 'not valid UTF-8' }])
  })

  test('however many and long, none is lost or cut at a block border', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(70_000), { minLength: 1, maxLength: 8 }),
        async (lengths) => {
          const body = lengths
            .map((length, index) => JSON.stringify({ n: index, pad: 'é'.repeat(length) }))
            .join('\n')
          expect(numbers(await decode(body))).toEqual(lengths.map((_, index) => index))
        },
      ),
      { numRuns: 30 },
    )
  })

  test('no more than ten errors are told', async () => {
    expect((await decode('x\n'.repeat(50))).firstErrors).toHaveLength(10)
  })

  test('an empty body has no rows', async () => {
    expect(await decode('\n\n')).toMatchObject({ rowCount: 0, refusedCount: 0 })
  })
})

describe('format json', () => {
  test.each([
    ['an object over lines', '{\n"n":\n1}', [1]],
    ['an array over lines', '[\n{"n":1},\n{"n":\n2}\n]\n', [1, 2]],
    ['an empty array', '[]', []],
    ['objects one after the other', '{"n":1}\n{"n":2} {"n":3}', [1, 2, 3]],
  ])('%s', async (_, body, wanted) => {
    const decoded = await decode(body, 'json')
    expect(numbers(decoded)).toEqual(wanted)
    expect(decoded.refusedCount).toBe(0)
  })

  test.each(['[{"n":1}', '[{"n":1}]x', '[{"n":1} {"n":2}]', '{"n":1', '[1]'])(
    '%s is refused from where it goes wrong',
    async (body) => {
      const decoded = await decode(body, 'json')
      expect(decoded.malformedCount).toBe(1)
      expect(decoded.rowCount).toBeLessThanOrEqual(1)
    },
  )
})

test('gives the loop back whenever a slice is used up', async () => {
  let clock = 0
  let turns = 0
  let isDone = false
  const count = (): void => {
    turns += 1
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  // Each look at the clock costs a millisecond, so a slice of 5 ms is a few blocks long.
  const body = Buffer.from('{"n":1}\n'.repeat(200_000))
  const decoded = await decodeBody(body, compileSchema(columns), {
    sliceMs: 5,
    now: () => (clock += 1),
  })
  isDone = true
  expect(decoded.rowCount).toBe(200_000)
  expect(turns).toBeGreaterThan(5)
})
