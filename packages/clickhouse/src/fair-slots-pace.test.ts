// Places of small, heavy and new queries, by a clock that is told what time it is.
import { expect, test } from 'vitest'

import { createFairSlots, type GiveBack } from './fair-slots.ts'
import { createPace, type QueryWork } from './query-pace.ts'

const never = new AbortController().signal
const work = (kind: string): QueryWork => ({ kind, limitMs: 10_000 })
const LIMITS = { max: 6, perKeyMax: 5, waitingPerKeyMax: 20, waitMs: 60_000 }

function start(heavyPlaces = 2) {
  const clock = { ms: 0 }
  const pace = createPace({ heavyMs: 1_000, heavyPlaces, heavyPlacesMax: 4, now: () => clock.ms })
  const slots = createFairSlots({ ...LIMITS, pace })
  const given: { name: string; giveBack: GiveBack }[] = []
  /** Asks; who has a place is in `given`. */
  const ask = async (key: string, kind: string, times = 1): Promise<void> => {
    for (let n = 0; n < times; n += 1)
      void slots
        .take(key, new AbortController().signal, work(kind))
        .then((giveBack) => given.push({ name: `${key} ${kind}`, giveBack }))
    await settle()
  }
  const end = async (name: string): Promise<void> => {
    const at = given.findIndex((each) => each.name === name)
    given.splice(at, 1)[0]?.giveBack('answered')
    await settle()
  }
  /** Once, so that it is known. */
  const teach = async (key: string, kind: string, ms: number): Promise<void> => {
    await ask(key, kind)
    clock.ms += ms
    await end(`${key} ${kind}`)
  }
  const names = (): string[] => given.map(({ name }) => name).sort()
  return { clock, pace, slots, ask, end, teach, names }
}

async function settle(): Promise<void> {
  for (let n = 0; n < 10; n += 1) await Promise.resolve()
}

test('of heavy queries only as many are at work as there are places for them; small ones of the same workspace pass by', async () => {
  const { ask, end, names, teach } = start()
  await teach('a', 'heavy', 4_000)
  await teach('a', 'small', 5)
  await ask('a', 'heavy', 10)
  expect(names()).toEqual(['a heavy', 'a heavy'])
  await ask('a', 'small', 4)
  expect(names()).toEqual(['a heavy', 'a heavy', 'a small', 'a small', 'a small'])
  await end('a small')
  expect(names()).toEqual(['a heavy', 'a heavy', 'a small', 'a small', 'a small'])
  await end('a heavy')
  expect(names()).toEqual(['a heavy', 'a heavy', 'a small', 'a small', 'a small'])
})

test('of a kind that nobody has seen two are tried, and when they turn out to be heavy, the others are', async () => {
  const { ask, clock, end, names, slots } = start()
  await ask('a', 'flood', 10)
  expect(names()).toEqual(['a flood', 'a flood'])
  clock.ms = 4_000
  await end('a flood')
  expect([names(), slots.counters.waiting]).toEqual([['a flood', 'a flood'], 7])
})

test('small queries that nobody has seen get all the places once one of them has ended', async () => {
  const { ask, clock, end, names } = start()
  await ask('a', 'small', 10)
  clock.ms = 5
  await end('a small')
  expect(names()).toHaveLength(5)
})

test('a flood of heavy queries, all different, does not keep those of another workspace waiting, known or new', async () => {
  const { ask, clock, names, slots, teach } = start()
  await teach('b', 'small', 5)
  for (let n = 0; n < 10; n += 1) await ask('a', `flood ${n}`)
  clock.ms += 5_000
  await ask('a', 'flood 11')
  expect(slots.counters.running).toBe(2)
  await ask('b', 'small', 3)
  expect(names().filter((name) => name === 'b small')).toHaveLength(3)
  await ask('c', 'never seen')
  expect(names()).toContain('c never seen')
})

test('the first heavy query of a workspace does not wait for those of another', async () => {
  const { ask, names, teach } = start()
  await teach('a', 'heavy', 4_000)
  await teach('b', 'heavy', 4_000)
  await ask('a', 'heavy', 5)
  await ask('b', 'heavy', 5)
  expect(names()).toEqual(['a heavy', 'a heavy', 'b heavy'])
})

test('nor does it when there are more of the others at work than places, for they are of kinds that nobody had seen', async () => {
  const { ask, clock, end, names, pace, teach } = start()
  await teach('b', 'heavy', 4_000)
  await ask('a', 'new 1')
  await ask('a', 'new 2')
  clock.ms += 9_000
  await end('a new 1')
  await ask('a', 'new 3')
  clock.ms += 1_000
  await ask('b', 'heavy')
  expect(pace.heavyPlaces).toBe(1)
  expect(names()).toContain('b heavy')
})

test('queries that took most of their time have fewer places afterwards', async () => {
  const { ask, clock, end, names, pace, teach } = start()
  await teach('a', 'heavy', 4_000)
  await ask('a', 'heavy', 5)
  clock.ms += 9_000
  await end('a heavy')
  expect([pace.heavyPlaces, names()]).toEqual([1, ['a heavy']])
  await end('a heavy')
  expect(names()).toEqual(['a heavy'])
})

test('an answer on its way keeps its place, but makes room for another heavy query', async () => {
  const { ask, names, slots, teach } = start(1)
  await teach('a', 'heavy', 4_000)
  const giveBack = await slots.take('a', never, work('heavy'))
  await ask('a', 'heavy')
  expect(names()).toEqual([])
  giveBack('sending')
  await settle()
  expect([names(), slots.counters.running]).toEqual([['a heavy'], 2])
  giveBack('answered')
  giveBack('answered')
  expect(slots.counters.running).toBe(1)
})

test('who is refused is told how long a place of its kind takes to come free', async () => {
  const { slots, ask, teach } = start()
  await teach('a', 'heavy', 7_000)
  await ask('a', 'heavy', 22)
  await expect(slots.take('a', never, work('heavy'))).rejects.toMatchObject({
    ...{ code: 'limit.rate', status: 429 },
    details: { headers: { 'Retry-After': '4' } },
  })
})
