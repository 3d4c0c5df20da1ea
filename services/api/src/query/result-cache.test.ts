import { beforeEach, expect, test } from 'vitest'

import {
  createResultCache,
  type CachePlace,
  type ResultCache,
  type ResultCacheLimits,
} from './result-cache.ts'
import { wholeBody, wholeResponse } from './whole-response.ts'

let nowMs = 0
beforeEach(() => {
  nowMs = 1_000_000
})

const LIMITS: ResultCacheLimits = { bytesMax: 100_000, entriesMax: 100, entryBytesMax: 10_000 }
const cacheOf = (limits: Partial<ResultCacheLimits> = {}): ResultCache =>
  createResultCache(() => nowMs, { ...LIMITS, ...limits })

const place = (key: string, about: Partial<CachePlace> = {}): CachePlace => ({
  ...{ workspaceId: 'w', deployment: 1, key, ttlSeconds: 60 },
  signal: new AbortController().signal,
  ...about,
})

const whole = (text: string): Response =>
  new Response(text, { headers: { 'Content-Length': String(text.length), 'Content-Type': 'x/y' } })
const says = (text: string) => () => Promise.resolve(whole(text))

async function seen(response: Promise<Response>): Promise<unknown[]> {
  const { headers } = await response
  return [await (await response).text(), headers.get('X-Cache'), headers.get('Age')]
}

test('an answer is kept for its time, and says its age', async () => {
  const cache = cacheOf()
  expect(await seen(cache.answer(place('k'), says('one')))).toEqual(['one', 'MISS', null])
  nowMs += 59_999
  const again = cache.answer(place('k'), says('two'))
  expect((await again).headers.get('Content-Type')).toBe('x/y')
  expect(await seen(again)).toEqual(['one', 'HIT', '59'])
  nowMs += 1
  expect(await seen(cache.answer(place('k'), says('three')))).toEqual(['three', 'MISS', null])
})

test('an answer that was kept by a clock that was ahead is not kept until then', async () => {
  const cache = cacheOf()
  nowMs += 86_400_000
  await cache.answer(place('k'), says('one'))
  nowMs -= 86_400_000
  expect(await seen(cache.answer(place('k'), says('two')))).toEqual(['two', 'MISS', null])
})

test('another key is another answer', async () => {
  const cache = cacheOf()
  await cache.answer(place('k'), says('mine'))
  expect(await seen(cache.answer(place('l'), says('yours')))).toEqual(['yours', 'MISS', null])
})

test('streams, failures and large answers are not kept', async () => {
  const cache = cacheOf()
  const large = 'x'.repeat(10_001)
  for (const answer of [
    () => new Response('stream'),
    () => whole(large),
    () => new Response('no', { status: 400, headers: { 'Content-Length': '2' } }),
  ]) {
    await cache.answer(place('k'), () => Promise.resolve(answer()))
    expect(cache.counters.entries).toBe(0)
  }
  await expect(cache.answer(place('k'), () => Promise.reject(new Error('down')))).rejects.toThrow(
    'down',
  )
  expect(await seen(cache.answer(place('k'), says('up')))).toEqual(['up', 'MISS', null])
})

test('bytes and entries stay below their bounds; what was used longest ago goes', async () => {
  const cache = cacheOf({ entriesMax: 2 })
  for (const key of ['a', 'b', 'a', 'c']) await cache.answer(place(key), says(key))
  expect(await seen(cache.answer(place('a'), says('new')))).toEqual(['a', 'HIT', '0'])
  expect(cache.counters).toMatchObject({ entries: 2, evicted: 1 })
  const small = cacheOf({ bytesMax: 5_000 })
  for (let n = 0; n < 50; n++) await small.answer(place(`k${n}`), says('x'.repeat(1_000)))
  expect(small.counters.bytes).toBeLessThanOrEqual(5_000)
  expect(small.counters.entries).toBe(2)
})

test('the workspace that has most makes room: a busy one drives out nobody else', async () => {
  const cache = cacheOf({ entriesMax: 10 })
  const quiet = place('quiet', { workspaceId: 'quiet' })
  await cache.answer(quiet, says('kept'))
  for (let n = 0; n < 30; n += 1)
    await cache.answer(place(`busy ${n}`, { workspaceId: 'busy' }), says(`${n}`))
  expect(await seen(cache.answer(quiet, says('made anew')))).toEqual(['kept', 'HIT', '0'])
  const busy = (n: number) =>
    seen(cache.answer(place(`busy ${n}`, { workspaceId: 'busy' }), says('new')))
  expect(await busy(29)).toEqual(['29', 'HIT', '0'])
  expect(await busy(20)).toEqual(['new', 'MISS', null])
  expect(cache.counters).toMatchObject({ entries: 10, evicted: 22 })
})

test('an answer that is a piece of a larger buffer does not keep that one', async () => {
  const cache = cacheOf()
  const large = new Uint8Array(50_000).fill(120)
  const headers = { 'Content-Length': '3' }
  const make = () => Promise.resolve(wholeResponse(large.subarray(10, 13), headers))
  await cache.answer(place('k'), make)
  const kept = wholeBody(await cache.answer(place('k'), make))
  expect([kept?.buffer.byteLength, Buffer.from(kept ?? []).toString()]).toEqual([3, 'xxx'])
})

test('bytes count down to nothing when everything is gone', async () => {
  const cache = cacheOf()
  for (let n = 0; n < 5; n++) await cache.answer(place(`k${n}`), says('x'))
  await cache.answer(place('k', { deployment: 2 }), () => Promise.resolve(new Response('stream')))
  expect(cache.counters).toMatchObject({ bytes: 0, entries: 0, replaced: 5 })
})

test('another deployment of a workspace takes its answers away, and no others', async () => {
  const cache = cacheOf()
  await cache.answer(place('k'), says('old'))
  await cache.answer(place('o', { workspaceId: 'other' }), says('theirs'))
  await cache.answer(place('k2', { deployment: 2 }), says('new'))
  expect(cache.counters).toMatchObject({ entries: 2, replaced: 1 })
  expect(await seen(cache.answer(place('o', { workspaceId: 'other' }), says('x')))).toEqual([
    'theirs',
    'HIT',
    '0',
  ])
})

test('callers at once wait for one query', async () => {
  const cache = cacheOf()
  let runs = 0
  let finish: (answer: Response) => void = () => undefined
  const make = (): Promise<Response> => {
    runs += 1
    return new Promise((resolve) => {
      finish = resolve
    })
  }
  const all = [1, 2, 3].map(() => cache.answer(place('k'), make))
  finish(whole('one'))
  expect(await Promise.all(all.map(seen))).toEqual([
    ['one', 'MISS', null],
    ['one', 'HIT', '0'],
    ['one', 'HIT', '0'],
  ])
  expect([runs, cache.counters.shared]).toEqual([1, 2])
})

test('who waits for a query that fails gets its failure; who waits for a stream asks for itself', async () => {
  const cache = cacheOf()
  const fails = (): Promise<Response> => Promise.reject(new Error('down'))
  const [one, two] = await Promise.allSettled([
    cache.answer(place('k'), fails),
    cache.answer(place('k'), says('never')),
  ])
  expect([one.status, two.status]).toEqual(['rejected', 'rejected'])
  const stream = (): Promise<Response> => Promise.resolve(new Response('stream'))
  const both = [cache.answer(place('s'), stream), cache.answer(place('s'), says('own'))]
  expect((await Promise.all(both.map(seen))).map(([text]) => text)).toEqual(['stream', 'own'])
})

test('the query ends when the last caller leaves, and not before', async () => {
  const cache = cacheOf()
  const [first, second] = [new AbortController(), new AbortController()]
  let signal = new AbortController().signal
  const make = (given: AbortSignal): Promise<Response> => {
    signal = given
    return new Promise((_, reject) => {
      given.addEventListener('abort', () => {
        reject(new Error('cancelled'))
      })
    })
  }
  const all = Promise.allSettled([
    cache.answer(place('k', { signal: first.signal }), make),
    cache.answer(place('k', { signal: second.signal }), make),
  ])
  first.abort()
  expect(signal.aborted).toBe(false)
  second.abort()
  expect(signal.aborted).toBe(true)
  await all
})

test('who comes when everybody else has just left gets a query of its own', async () => {
  const cache = cacheOf()
  const left = new AbortController()
  const gone = cache.answer(
    place('k', { signal: left.signal }),
    (given) =>
      new Promise((_, reject) => {
        given.addEventListener('abort', () => {
          reject(new Error('cancelled'))
        })
      }),
  )
  left.abort()
  const late = cache.answer(place('k'), says('mine'))
  await expect(gone).rejects.toThrow('cancelled')
  expect(await seen(late)).toEqual(['mine', 'MISS', null])
})

test('a stream belongs to the caller it is made for', async () => {
  const cache = cacheOf()
  const caller = new AbortController()
  let signal = new AbortController().signal
  await cache.answer(place('k', { signal: caller.signal }), (given) => {
    signal = given
    return Promise.resolve(new Response('stream'))
  })
  expect(signal.aborted).toBe(false)
  caller.abort()
  expect(signal.aborted).toBe(true)
})

test('without room nothing is kept and nothing is said', async () => {
  const cache = cacheOf({ bytesMax: 0 })
  await cache.answer(place('k'), says('one'))
  expect(await seen(cache.answer(place('k'), says('two')))).toEqual(['two', null, null])
})
