import { describe, expect, test } from 'vitest'

import { readLogSearch, selectionOf } from './log-search.ts'
import { bucketSecondsOf, histogramSql, rowsSql } from './log-sql.ts'

const first = { offset: 0, until: null }

describe('the address of the logs', () => {
  test('is read, and what is not understood is left out', () => {
    const filters = [
      { column: 'pipe_name', op: 'is', value: 'top' },
      { column: 'x', op: 'drop table', value: '' },
      'nonsense',
    ]
    const read = readLogSearch({ source: 'secrets', range: '2y', from: 'noon', q: 42, filters })
    expect(read).toEqual({ q: '42', filters: [filters[0]] })
  })

  test('with two times shows what is between them, with one the range', () => {
    const from = '2026-11-22T01:00'
    expect(selectionOf({ from, to: '2026-11-22T02:00' }).span).toEqual({
      from: Date.UTC(2026, 10, 22, 1) / 1000,
      to: Date.UTC(2026, 10, 22, 2) / 1000,
    })
    expect(selectionOf({ from, range: '1h' }).span).toEqual({ seconds: 3600 })
  })
})

describe('the SQL of the logs', () => {
  test('keeps names and values of the address within their quotes', () => {
    const column = "a` = '' OR 1 --"
    const value = String.raw`'\ OR 1=1 --`
    const sql = rowsSql(selectionOf({ q: value, filters: [{ column, op: 'is', value }] }), first)
    expect(sql).toContain("toString(`a\\` = '' OR 1 --`)")
    expect(sql).toContain(String.raw`= '\'\\ OR 1=1 --'`)
  })

  test('goes on below the first page at the rows that were there', () => {
    const page = { offset: 100, until: '2026-11-22 01:00:00' }
    expect(rowsSql(selectionOf({ source: 'jobs_log' }), page)).toMatch(
      /`created_at` <= '2026-11-22 01:00:00' ORDER BY `created_at` DESC LIMIT 100 OFFSET 100$/,
    )
  })

  test('compares numbers as numbers and other texts as texts', () => {
    const at = (value: string): string =>
      rowsSql(selectionOf({ filters: [{ column: 'rows', op: 'at least', value }] }), first)
    expect(at('9')).toContain('>= 9 ')
    expect(at('b')).toContain("ifNull(toString(`rows`), '') >= 'b'")
  })

  test('counts what failed apart from the rest', () => {
    const sql = histogramSql(selectionOf({ source: 'pipe_stats_rt', range: '1h' }))
    expect(sql).toContain('countIf(error = 1) AS failed')
    expect(sql).toContain('INTERVAL 60 SECOND')
  })

  test('draws some sixty bars at most', () => {
    const bars = (['15m', '1h', '24h', '7d', '30d'] as const).map((range) => {
      const selection = selectionOf({ range })
      return 'seconds' in selection.span
        ? selection.span.seconds / bucketSecondsOf(selection)
        : Infinity
    })
    expect(Math.max(...bars)).toBeLessThanOrEqual(60)
    expect(Math.min(...bars)).toBeGreaterThanOrEqual(24)
  })
})
