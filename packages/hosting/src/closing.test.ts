import { describe, expect, test, vi } from 'vitest'

import { createClosing } from './closing.ts'

const silent = { warn: () => undefined }

describe('closing', () => {
  test('runs the steps one after the other, the last one added first', async () => {
    const closing = createClosing(silent)
    const order: string[] = []
    for (const name of ['data', 'postgres', 'http']) {
      closing.add(name, 1_000, async () => {
        order.push(`${name} begins`)
        await Promise.resolve()
        order.push(`${name} ends`)
      })
    }
    await closing.run()
    expect(order).toEqual(
      ['http', 'postgres', 'data'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    )
  })

  test('goes on when a step fails, and says which', async () => {
    const warn = vi.fn()
    const closing = createClosing({ warn })
    const last = vi.fn()
    closing.add('last', 1_000, last)
    closing.add('broken', 1_000, () => {
      throw new Error('no')
    })
    await closing.run()
    expect(last).toHaveBeenCalledOnce()
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ step: 'broken' })
  })

  test('goes on when a step takes longer than its share', async () => {
    vi.useFakeTimers()
    try {
      const closing = createClosing(silent)
      const last = vi.fn()
      closing.add('last', 1_000, last)
      closing.add('stuck', 700, () => new Promise(() => undefined))
      const done = closing.run()
      await vi.advanceTimersByTimeAsync(699)
      expect(last).not.toHaveBeenCalled()
      await vi.advanceTimersByTimeAsync(1)
      await done
      expect(last).toHaveBeenCalledOnce()
    } finally {
      vi.useRealTimers()
    }
  })

  test('runs once, however often it is asked', async () => {
    const closing = createClosing(silent)
    const step = vi.fn()
    closing.add('step', 1_000, step)
    await Promise.all([closing.run(), closing.run()])
    await closing.run()
    expect(step).toHaveBeenCalledOnce()
  })
})
