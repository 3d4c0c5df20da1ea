import { expect, test } from 'vitest'

import type { EndpointDescription, EndpointParam } from '@/lib/endpoints/endpoint-description.ts'

import { tileCall } from './tile-call.ts'
import { rangeText, readRangeText } from './time-range.ts'

const NOW = Date.UTC(2026, 0, 2, 12)
const param = (name: string, kind: EndpointParam['kind'] = 'text'): EndpointParam => ({
  ...{ name, kind, type: kind, required: false },
})
const endpoint = (name: string, ...params: EndpointParam[]): EndpointDescription => ({
  name,
  params,
})
const about = {
  time_parameters: { from: 'since', to: 'until' },
  parameters: [
    { name: 'site', type: 'text' as const, default: 'a' },
    { name: 'top', type: 'number' as const },
  ],
}
const chosen = { range: { last: '24h' }, values: { top: '5' } }

test('sends times in the form that each endpoint takes, and shared values only to who takes them', () => {
  const source = { pipe: 'visits', params: { limit: 3, site: 'own' } }
  const takes = endpoint(
    'visits',
    param('since', 'date'),
    param('until'),
    param('site'),
    param('limit'),
  )
  expect(tileCall({ source }, about, chosen, [takes], NOW)).toEqual({
    kind: 'endpoint',
    pipe: 'visits',
    params: { limit: '3', site: 'a', since: '2026-01-01', until: '2026-01-02 12:00:00' },
  })
  const none = endpoint('visits')
  expect(tileCall({ source }, about, chosen, [none], NOW)).toMatchObject({
    params: { limit: '3', site: 'own' },
  })
})

test('SQL gets times and values as parameters of its template', () => {
  const range = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T06:00:00.000Z' }
  const call = tileCall({ source: { sql: '%\nSELECT 1' } }, about, { range, values: {} }, [], NOW)
  expect(call).toMatchObject({
    params: { since: '2026-01-01 00:00:00', until: '2026-01-01 06:00:00', site: 'a' },
  })
})

test('a range stands in an address and comes back; what is none is left out', () => {
  for (const text of ['15m', '2026-01-01T00:00:00.000Z..2026-01-02T00:00:00.000Z'])
    expect(rangeText(readRangeText(text) ?? { last: '1s' })).toBe(text)
  for (const text of ['', '0h', '24', 'a..b', '2026-01-01', 7])
    expect(readRangeText(text)).toBe(undefined)
})
