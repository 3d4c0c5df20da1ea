import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLoadBudget } from './load-budget.ts'

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Time that moves only when it is told to. */
function fakeClock() {
  let nowMs = 0
  let shiftMs = 0
  let timers: { atMs: number; run: () => void }[] = []
  return {
    now: () => nowMs + shiftMs,
    setBack: (ms: number) => (shiftMs -= ms),
    after: (ms: number, run: () => void) => void timers.push({ atMs: nowMs + ms, run }),
    async advance(ms: number) {
      await settled()
      for (const endMs = nowMs + ms; ;) {
        const [next] = timers.filter((each) => each.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)
        nowMs = next?.atMs ?? endMs
        if (next === undefined) return
        timers = timers.filter((each) => each !== next)
        next.run()
        await settled()
      }
    },
  }
}

test('no more loads run at once than allowed, and the next starts when one ends', async () => {
  const clock = fakeClock()
  const budget = createLoadBudget({ concurrentMax: 2, perSecondMax: 1000 }, clock)
  const ends = [await budget.take('a'), await budget.take('b')]
  let started = false
  const third = budget.take('w').then((end) => {
    started = true
    return end
  })
  await clock.advance(1_000)
  expect(started).toBe(false)
  ends[0]?.()
  ends[0]?.()
  await third
  expect(started).toBe(true)
})

test('it is crowded exactly while loads wait for their turn', async () => {
  const clock = fakeClock()
  const budget = createLoadBudget({ concurrentMax: 1, perSecondMax: 1000 }, clock)
  const end = await budget.take('a')
  expect(budget.isCrowded()).toBe(false)
  const second = budget.take('b')
  expect(budget.isCrowded()).toBe(true)
  end()
  await clock.advance(10)
  await second
  expect(budget.isCrowded()).toBe(false)
})

test('within any time no more loads start than the rate and one burst allow', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 8 }),
      async (concurrentMax, perSecondMax, steps) => {
        const clock = fakeClock()
        const budget = createLoadBudget({ concurrentMax, perSecondMax }, clock)
        let started = 0
        for (let each = 0; each < 200; each += 1)
          void budget.take('w').then((end) => {
            started += 1
            end()
          })
        for (const ms of steps) {
          await clock.advance(ms)
          // Whole numbers are multiplied first: 0.58 * 50 is less than 29.
          expect(started).toBeLessThanOrEqual(concurrentMax + (clock.now() * perSecondMax) / 1000)
        }
      },
    ),
  )
})

test('all who wait are served in the end, at the rate', async () => {
  const clock = fakeClock()
  const budget = createLoadBudget({ concurrentMax: 4, perSecondMax: 20 }, clock)
  let started = 0
  for (let each = 0; each < 24; each += 1)
    void budget.take('w').then((end) => {
      started += 1
      end()
    })
  await clock.advance(1_100)
  expect(started).toBe(24)
})

test('a clock that is set back delays no load', async () => {
  const clock = fakeClock()
  const budget = createLoadBudget({ concurrentMax: 1, perSecondMax: 10 }, clock)
  const end = await budget.take('w')
  clock.setBack(3_600_000)
  end()
  let started = false
  void budget.take('w').then(() => (started = true))
  await clock.advance(200)
  expect(started).toBe(true)
})

test('one workspace never has every place, and another that comes later gets the last', async () => {
  const clock = fakeClock()
  const budget = createLoadBudget({ concurrentMax: 3, perSecondMax: 1000 }, clock)
  const started: string[] = []
  const ends: (() => void)[] = []
  for (const workspaceId of ['slow', 'slow', 'slow', 'slow', 'quick'])
    void budget.take(workspaceId).then((end) => {
      started.push(workspaceId)
      ends.push(end)
    })
  await clock.advance(1_000)
  expect(started).toEqual(['slow', 'slow', 'quick'])
  ends[0]?.()
  await clock.advance(10)
  expect(started).toEqual(['slow', 'slow', 'quick', 'slow'])
})
