import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'

import { createHttpMetrics, routeOf } from './http-metrics.ts'

test.each([
  ['/v0/events?name=a/b', 'events'],
  ['/v0/events/', 'events'],
  ['/v0/sql?q=SELECT', 'sql'],
  ['/v0/pipes/top_pages.json?x=1', 'endpoint'],
  ['/v0/pipes/top_pages', 'pipes'],
  ['/v1/deploy', 'deployments'],
  ['/v0/datasources/visits/truncate', 'datasources'],
  ['/tokens', 'tokens'],
  ['/metrics', 'metrics'],
  ['/', 'other'],
  ['/v0/eventsource', 'other'],
  ['/../../etc/passwd', 'other'],
])('%s counts as %s', (url, route) => {
  expect(routeOf(url)).toBe(route)
})

test('each answer is timed once, under its status, and one that the caller left is told apart', () => {
  let nowMs = 0
  const metrics = createHttpMetrics(() => nowMs)
  const listener = metrics.timed(() => undefined)
  const call = (statusCode: number, writableFinished: boolean): void => {
    const res = Object.assign(new EventEmitter(), { statusCode, writableFinished })
    const req: unknown = { url: '/v0/sql' }
    listener(req as IncomingMessage, res as unknown as ServerResponse)
    expect(metrics.inFlight()).toBe(1)
    nowMs += 20
    res.emit('close')
    res.emit('close')
  }
  call(200, true)
  call(404, true)
  call(200, false)
  const seen = [...metrics.durations()].map(({ route, status, histogram }) => {
    const { counts, sum } = histogram.snapshot()
    return [route, status, counts.reduce((all, each) => all + each, 0), sum]
  })
  expect(seen).toEqual([
    ['sql', '2xx', 1, 0.02],
    ['sql', '4xx', 1, 0.02],
    ['sql', 'aborted', 1, 0.02],
  ])
  expect(metrics.inFlight()).toBe(0)
})
