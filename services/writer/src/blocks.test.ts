import type { ClickHouse } from '@sandpiper/clickhouse'
import { expect, test } from 'vitest'
import { createBlockNumbers } from './blocks.ts'

/** An engine that answers what it is told to, when it is told to. */
function fakeEngine() {
  const asked: string[] = []
  const answers: ((row: object) => void)[] = []
  const rows = ({ sql }: { sql: string }): Promise<unknown[]> => {
    asked.push(sql)
    return new Promise((resolve) => {
      answers.push((row) => {
        resolve([row])
      })
    })
  }
  return {
    asked,
    clickhouse: { rows } as unknown as ClickHouse,
    async answer(life: string, ...parts: [string, string, string, string][]) {
      await expect.poll(() => answers.length).toBeGreaterThan(0)
      answers.shift()?.({ life, cpu: '5', parts })
    },
  }
}

test('what is asked while the engine answers goes in one statement, and each gets its own tables', async () => {
  const engine = fakeEngine()
  const blocks = createBlockNumbers(engine.clickhouse, () => undefined)
  const first = blocks.read('d', ['a'])
  await expect.poll(() => engine.asked.length).toBe(1)
  const others = [blocks.read('d', ['b']), blocks.read('e', ['b', 'c'])]
  await engine.answer('x', ['d', 'a', 'all', '7'])
  expect(await first).toEqual({ blocks: { a: { all: 7 } }, life: 'x' })
  await engine.answer('x', ['d', 'b', 'all', '1'], ['e', 'b', 'all', '2'])
  expect((await Promise.all(others)).map((reading) => reading.blocks)).toEqual([
    { b: { all: 1 } },
    { b: { all: 2 }, c: {} },
  ])
  expect(engine.asked).toHaveLength(2)
})

test('what is asked while the reading rests goes in one statement', async () => {
  const engine = fakeEngine()
  let end: () => void = () => undefined
  const rest = (): Promise<void> => new Promise((resolve) => (end = resolve))
  const blocks = createBlockNumbers(engine.clickhouse, () => undefined, rest)
  const readings = ['a', 'b', 'c'].map((table) => blocks.read('d', [table]))
  expect(engine.asked).toEqual([])
  end()
  await engine.answer('x', ['d', 'c', 'all', '3'])
  expect((await Promise.all(readings)).map(({ blocks }) => blocks)).toEqual([
    { a: {} },
    { b: {} },
    { c: { all: 3 } },
  ])
})

test('known numbers are those of the last reading, until they are forgotten', async () => {
  const engine = fakeEngine()
  const blocks = createBlockNumbers(engine.clickhouse, () => undefined)
  const reading = blocks.read('d', ['a'])
  await engine.answer('x', ['d', 'a', 'all', '7'])
  await reading
  expect(await blocks.known('d', ['a'])).toEqual({ blocks: { a: { all: 7 } }, life: 'x' })
  expect(engine.asked).toHaveLength(1)
  blocks.forget('d')
  const anew = blocks.known('d', ['a'])
  await engine.answer('x', ['d', 'a', 'all', '9'])
  expect((await anew).blocks).toEqual({ a: { all: 9 } })
})

test('numbers that were read before something was forgotten are not kept after it', async () => {
  const engine = fakeEngine()
  const blocks = createBlockNumbers(engine.clickhouse, () => undefined)
  const reading = blocks.read('d', ['a'])
  await expect.poll(() => engine.asked.length).toBe(1)
  blocks.forget('d')
  await engine.answer('x', ['d', 'a', 'all', '7'])
  await reading
  void blocks.known('d', ['a'])
  await expect.poll(() => engine.asked.length).toBe(2)
})

test('numbers of another life of the engine are not known', async () => {
  const engine = fakeEngine()
  const blocks = createBlockNumbers(engine.clickhouse, () => undefined)
  for (const [table, life] of [
    ['a', 'x'],
    ['b', 'y'],
  ] as const) {
    const reading = blocks.read('d', [table])
    await engine.answer(life, ['d', table, 'all', '7'])
    await reading
  }
  void blocks.known('d', ['a', 'b'])
  await expect.poll(() => engine.asked.length).toBe(3)
})
