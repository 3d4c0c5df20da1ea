import { describe, expect, test } from 'vitest'

import { createFreshCache, type FreshCache } from './fresh-cache.ts'

interface Bench {
  readonly cache: FreshCache<string>
  readonly reads: string[]
  clock: number
  /** What the next reads answer; a rejection when an Error. */
  answer: string | Error
}

function bench(options: { entriesMax?: number } = {}): Bench {
  const state: Bench = {
    clock: 1_000,
    answer: 'old',
    reads: [],
    cache: createFreshCache({
      now: () => state.clock,
      maxAgeMs: 1_000,
      entriesMax: options.entriesMax ?? 10,
      read: (key) => {
        state.reads.push(key)
        return state.answer instanceof Error
          ? Promise.reject(state.answer)
          : Promise.resolve(state.answer)
      },
    }),
  }
  return state
}

describe('age', () => {
  test('an answer is given again until it is as old as allowed, and never after', async () => {
    const b = bench()
    await b.cache.get('k')
    b.answer = 'new'
    b.clock += 999
    expect(await b.cache.get('k')).toBe('old')
    b.clock += 1
    expect(await b.cache.get('k')).toBe('new')
  })

  test('what is known is given without waiting, the same and no longer', async () => {
    const b = bench()
    expect(b.cache.now('k')).toBeUndefined()
    const read = b.cache.get('k')
    expect(b.cache.now('k')).toBeUndefined()
    await read
    b.clock += 999
    expect(b.cache.now('k')).toBe('old')
    b.clock += 1
    expect(b.cache.now('k')).toBeUndefined()
    await b.cache.get('k')
    b.cache.forget('k')
    expect(b.cache.now('k')).toBeUndefined()
    expect(b.reads).toHaveLength(2)
  })

  test('a clock that was set back does not make an answer live longer', async () => {
    const b = bench()
    await b.cache.get('k')
    b.answer = 'new'
    b.clock -= 3_600_000
    expect(await b.cache.get('k')).toBe('new')
  })
})

describe('forgetting', () => {
  test('nothing read before is given out after, not even by a read on its way', async () => {
    let finish: (value: string) => void = () => undefined
    const answers = [new Promise<string>((resolve) => (finish = resolve)), Promise.resolve('new')]
    const cache = createFreshCache({
      now: () => 0,
      maxAgeMs: 1_000,
      entriesMax: 10,
      read: () => answers.shift() ?? Promise.reject(new Error('asked too often')),
    })
    const early = cache.get('k')
    cache.forget('k')
    expect(await cache.get('k')).toBe('new')
    finish('old')
    expect(await early).toBe('old')
    expect(await cache.get('k')).toBe('new')
  })

  test('of one key leaves the others', async () => {
    const b = bench()
    await Promise.all([b.cache.get('a'), b.cache.get('b')])
    b.cache.forget('a')
    await Promise.all([b.cache.get('a'), b.cache.get('b')])
    expect(b.reads).toEqual(['a', 'b', 'a'])
    b.cache.forgetAll()
    await b.cache.get('b')
    expect(b.reads).toHaveLength(4)
  })
})

describe('asking', () => {
  test('many at once share one read', async () => {
    const b = bench()
    await Promise.all(Array.from({ length: 50 }, () => b.cache.get('k')))
    expect(b.reads).toEqual(['k'])
  })

  test('a failed read is told to all who wait and not kept', async () => {
    const b = bench()
    b.answer = new Error('down')
    const both = await Promise.allSettled([b.cache.get('k'), b.cache.get('k')])
    expect(both.map((each) => each.status)).toEqual(['rejected', 'rejected'])
    b.answer = 'up'
    expect(await b.cache.get('k')).toBe('up')
  })

  test('keeps no more than its bound, and drops what was used longest ago', async () => {
    const b = bench({ entriesMax: 2 })
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await b.cache.get(key)
    expect(b.reads).toEqual(['a', 'b', 'c', 'b'])
  })
})
