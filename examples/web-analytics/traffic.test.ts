import { expect, test } from 'vitest'
import { dayOfTraffic } from './traffic.ts'

const endsAtMs = Date.UTC(2026, 0, 15, 12)
const day = { events: 5_000, endsAtMs, seed: 7 }
const views = dayOfTraffic(day)

test('the same seed gives the same day, another seed another', () => {
  expect(dayOfTraffic(day)).toEqual(views)
  expect(dayOfTraffic({ ...day, seed: 8 })).not.toEqual(views)
})

test('exactly the asked number of page views, in order, within the 24 hours', () => {
  const times = views.map((view) => Date.parse(`${view.timestamp.replace(' ', 'T')}Z`))
  expect(views).toHaveLength(5_000)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(times[0]).toBeGreaterThan(endsAtMs - 86_400_000)
  expect(times.at(-1)).toBeLessThanOrEqual(endsAtMs)
})

test('sessions have several pages, some only one', () => {
  const pages = new Map<string, number>()
  for (const { session_id } of views) pages.set(session_id, (pages.get(session_id) ?? 0) + 1)
  const bounced = [...pages.values()].filter((count) => count === 1).length / pages.size
  expect(bounced).toBeGreaterThan(0.35)
  expect(bounced).toBeLessThan(0.55)
})

test('nights are quieter than days', () => {
  const inHours = (from: number, to: number): number =>
    views.filter(({ country, timestamp }) => {
      const hour = Number(timestamp.slice(11, 13))
      return country === 'GB' && hour >= from && hour < to
    }).length
  expect(inHours(9, 14)).toBeGreaterThan(3 * inHours(0, 5))
})
