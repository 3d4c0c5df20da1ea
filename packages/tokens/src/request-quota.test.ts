import { describe, expect, test } from 'vitest'
import { createRequestQuota, refuseAbove } from './request-quota.ts'

describe('a bucket', () => {
  test('takes as many as a second holds at once, then one whenever it has filled so far', () => {
    let now = 0
    const quota = createRequestQuota(() => now)
    const take = (): number => quota.take('w', 4).retrySeconds
    expect([take(), take(), take(), take(), take()]).toEqual([0, 0, 0, 0, 1])
    now = 249
    expect(take()).toBe(1)
    now = 250
    expect([take(), take()]).toEqual([0, 1])
    now = 10_000
    expect([take(), take(), take(), take(), take()]).toEqual([0, 0, 0, 0, 1])
  })

  test('tells limit, what is left, and when all of it is there again', () => {
    const quota = createRequestQuota(() => 0)
    expect(quota.take('w', 2)).toEqual({ limit: 2, remaining: 1, resetSeconds: 1, retrySeconds: 0 })
    expect(quota.take('w', 2)).toEqual({ limit: 2, remaining: 0, resetSeconds: 1, retrySeconds: 0 })
    const over = quota.take('w', 2)
    expect(over).toEqual({ limit: 2, remaining: 0, resetSeconds: 1, retrySeconds: 1 })
    expect(() => {
      refuseAbove(over, 'The workspace')
    }).toThrow('The workspace takes at most 2 requests per second.')
  })

  test('belongs to one tenant: what others send changes nothing', () => {
    const quota = createRequestQuota(() => 0)
    for (let other = 0; other < 20_000; other += 1) quota.take(`o${other}`, 1)
    expect(quota.take('w', 1).retrySeconds).toBe(0)
    for (let other = 0; other < 5_000; other += 1) quota.take(`p${other}`, 1)
    expect(quota.take('w', 1).retrySeconds).toBe(1)
  })
})
