import { expect, test } from 'vitest'
import { dashboardText, readDashboard } from './dashboard-file.ts'

const TILE = {
  id: 't1',
  title: 'Visits',
  chart: { type: 'line', options: { unit: 'ms', stacked: true } },
  source: { pipe: 'visits', params: { tenant: 'a', limit: 3 } },
  layout: { x: 0, y: 0, w: 6, h: 4 },
}
const BOARD = { name: 'Traffic', tiles: [TILE], time_range: { last: '7d' }, refresh_seconds: null }

test('the same dashboard is the same text, whatever order it is written in', () => {
  const turned = JSON.parse(JSON.stringify(BOARD), turn) as unknown
  expect(JSON.stringify(turned)).not.toBe(JSON.stringify(BOARD))
  const text = dashboardText(readDashboard(turned, 'x'))
  expect(text).toBe(dashboardText(readDashboard(BOARD, 'x')))
  expect(dashboardText(readDashboard(JSON.parse(text), 'x'))).toBe(text)
  expect(text.endsWith('}\n')).toBe(true)
})

test.each([
  [{ ...BOARD, name: ' ' }, 'dashboards/x.json: name: '],
  [{ ...BOARD, tiles: [{ ...TILE, layout: { ...TILE.layout, w: 13 } }] }, 'tiles.0.layout.w: '],
  [{ ...BOARD, tiles: [TILE, TILE] }, 'tiles: two tiles have the same id'],
  [{ ...BOARD, refresh: 5 }, 'x.json: refresh: a dashboard has no such member'],
  [{ ...BOARD, tiles: [{ ...TILE, color: 'red' }] }, 'tiles.0.color: a dashboard has no such'],
  [[], 'dashboards/x.json: '],
  [{ ...BOARD, tiles: many() }, 'dashboards/x.json: a dashboard has at most 1 MB'],
])('what is none is refused, naming file and member (%#)', (value, said) => {
  expect(() => readDashboard(value, 'dashboards/x.json')).toThrow(said)
})

function turn(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).reverse())
}

function many(): unknown[] {
  const source = { sql: 'x'.repeat(100_000) }
  return Array.from({ length: 11 }, (_, at) => ({ ...TILE, id: `t${at}`, source }))
}
