import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fault } from '@sandpiper/faults'
import type { EventLog } from '@sandpiper/eventlog'
import {
  frameOf,
  keyed,
  NEVER,
  openWorld,
  OTHER_WORKSPACE,
  tempDir,
  WORKSPACE,
  type World,
} from './testing.ts'

let folder: Awaited<ReturnType<typeof tempDir>>
let world: World
beforeEach(async () => {
  folder = await tempDir()
  world = await openWorld(folder.dir)
})
afterEach(async () => {
  await world.close()
  await folder.remove()
})

const storedValues = async (): Promise<string[]> =>
  (await world.frames()).map(
    (frame) => (JSON.parse(frame.rows.toString()) as { value: string }).value,
  )

describe('the same key', () => {
  test('with the same body is stored once and answered from memory of the first', async () => {
    const first = await world.keys.appendOnce(
      frameOf('a', { rowCount: 3, refusedCount: 2 }),
      await keyed('k', 'a'),
      NEVER,
    )
    const again = await world.keys.appendOnce(frameOf('a'), await keyed('k', 'a'), NEVER)
    expect(first).toMatchObject({ sequence: 1, rowCount: 3, refusedCount: 2, isReplay: false })
    expect(again).toMatchObject({ ...first, isReplay: true })
    expect(await storedValues()).toEqual(['a'])
    expect(world.keys.counters()).toMatchObject({ firsts: 1, replays: 1, conflicts: 0 })
  })

  test('with another body is refused with 409 and stores nothing', async () => {
    await world.keys.appendOnce(frameOf('a'), await keyed('k', 'a'), NEVER)
    await expect(
      world.keys.appendOnce(frameOf('b'), await keyed('k', 'b'), NEVER),
    ).rejects.toMatchObject({ code: 'request.conflict', status: 409 })
    expect(await storedValues()).toEqual(['a'])
    expect(world.keys.counters()).toMatchObject({ conflicts: 1 })
  })

  test('in another workspace, and in another space, is another key', async () => {
    await world.keys.appendOnce(frameOf('a'), await keyed('k', 'a'), NEVER)
    const other = await keyed('k', 'b', OTHER_WORKSPACE)
    await world.keys.appendOnce(frameOf('b', { workspaceId: OTHER_WORKSPACE }), other, NEVER)
    const events = { ...(await keyed('k', 'c')), space: 'events' } as const
    await world.keys.appendOnce(frameOf('c'), events, NEVER)
    expect(await storedValues()).toEqual(['a', 'b', 'c'])
  })

  test('a hundred at the same moment store one frame, and every one is told its position', async () => {
    const body = await keyed('k', 'a')
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => world.keys.appendOnce(frameOf('a'), body, NEVER)),
    )
    expect(new Set(answers.map(({ sequence }) => sequence))).toEqual(new Set([1]))
    expect(answers.filter(({ isReplay }) => !isReplay)).toHaveLength(1)
    expect(await storedValues()).toEqual(['a'])
  })

  test('of another body at the same moment waits for the first and is refused', async () => {
    const [first, second] = await Promise.allSettled([
      world.keys.appendOnce(frameOf('a'), await keyed('k', 'a'), NEVER),
      world.keys.appendOnce(frameOf('b'), await keyed('k', 'b'), NEVER),
    ])
    expect(first.status).toBe('fulfilled')
    expect(second).toMatchObject({ reason: { code: 'request.conflict' } })
    expect(await storedValues()).toEqual(['a'])
  })
})

describe('a claim', () => {
  test('that is released leaves the key free, for another body too', async () => {
    const claim = await world.keys.claim(await keyed('k', 'refused'), NEVER)
    if (claim.kind !== 'first') throw new Error('the key is new')
    const waiting = world.keys.appendOnce(frameOf('b'), await keyed('k', 'b'), NEVER)
    claim.release()
    claim.release()
    expect(await waiting).toMatchObject({ sequence: 1, isReplay: false })
  })

  test('whose append fails leaves the key free', async () => {
    await world.close()
    let fails = true
    const failing = (log: EventLog): Pick<EventLog, 'append' | 'durable'> => ({
      durable: () => log.durable(),
      append: (frame) =>
        fails ? Promise.reject(fault('storage.full', { public: 'full' })) : log.append(frame),
    })
    world = await openWorld(folder.dir, { log: failing })
    await expect(
      world.keys.appendOnce(frameOf('a'), await keyed('k', 'a'), NEVER),
    ).rejects.toMatchObject({ code: 'storage.full' })
    fails = false
    expect(await world.keys.appendOnce(frameOf('b'), await keyed('k', 'b'), NEVER)).toMatchObject({
      isReplay: false,
    })
  })

  test('that is held ends the wait of the others with their signal, as server.busy', async () => {
    const claim = await world.keys.claim(await keyed('k', 'a'), NEVER)
    const gone = new AbortController()
    const waiting = world.keys.claim(await keyed('k', 'a'), gone.signal)
    gone.abort()
    await expect(waiting).rejects.toMatchObject({
      code: 'server.busy',
      details: { headers: { 'Retry-After': '1' } },
    })
    if (claim.kind === 'first') claim.release()
  })

  test.each(['', 'x'.repeat(256)])(
    'of a key with a wrong length is refused with 400',
    async (key) => {
      await expect(world.keys.claim(await keyed(key, 'a'), NEVER)).rejects.toMatchObject({
        code: 'request.invalid',
        status: 400,
      })
    },
  )

  test.each(['x'.repeat(255), 'é\u0000"\n', '../..', '00', '__proto__'])(
    'takes any other text as a key: %j',
    async (key) => {
      const first = await world.keys.appendOnce(frameOf(key), await keyed(key, 'a'), NEVER)
      const again = await world.keys.appendOnce(frameOf(key), await keyed(key, 'a'), NEVER)
      expect([first.isReplay, again.isReplay]).toEqual([false, true])
    },
  )

  test('after the end is refused', async () => {
    await world.keys.close()
    await expect(world.keys.claim(await keyed('k', 'a'), NEVER)).rejects.toMatchObject({
      code: 'server.busy',
    })
  })
})

test('the frame in the log carries the key, so that the index can be made anew', async () => {
  await world.keys.appendOnce(frameOf('a'), await keyed('k', 'a'), NEVER)
  const [frame] = await world.frames()
  expect(frame?.idempotencyHash).toMatch(/^[0-9a-f]{64}$/)
  expect(frame?.workspaceId).toBe(WORKSPACE)
})
