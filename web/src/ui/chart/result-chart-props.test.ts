import { expect, test } from 'vitest'

import { resultChartProps, resultNumber } from './result-chart-props.ts'

const SALES = {
  meta: [
    { name: 'shop', type: 'LowCardinality(String)' },
    { name: 'day', type: 'Date' },
    { name: 'sold', type: 'UInt64' },
    { name: 'price', type: 'Nullable(Float64)' },
  ],
  data: [
    { shop: 'a', day: '2026-01-01', sold: 3, price: null },
    { shop: 'b', day: '2026-01-01', sold: '4', price: 1.5 },
    { shop: 'a', day: '2026-01-02', sold: 5, price: 2 },
  ],
}

test('stands on the time and draws every column of numbers when nothing is chosen', () => {
  expect(resultChartProps(SALES, { type: 'line' })).toMatchObject({
    time: true,
    x: [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)],
    series: [
      { name: 'sold', values: [3, 4, 5] },
      { name: 'price', values: [null, 1.5, 2] },
    ],
  })
})

test('makes a line of each value of the series column, with gaps where it has no row', () => {
  expect(resultChartProps(SALES, { type: 'area', y: ['sold'], series: 'shop' })).toMatchObject({
    x: [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)],
    series: [
      { name: 'a', values: [3, 5] },
      { name: 'b', values: [4, null] },
    ],
  })
})

test('slices stand on names, also where those are days', () => {
  expect(resultChartProps(SALES, { type: 'pie', x: 'day', y: ['sold'] })).toMatchObject({
    time: false,
    x: ['2026-01-01', '2026-01-01', '2026-01-02'],
  })
})

test('is null without rows, without numbers, for columns that are not there and for tables', () => {
  expect(resultChartProps({ ...SALES, data: [] }, { type: 'line' })).toBeNull()
  expect(
    resultChartProps({ meta: SALES.meta.slice(0, 2), data: SALES.data }, { type: 'bar' }),
  ).toBeNull()
  expect(resultChartProps(SALES, { type: 'bar', y: ['gone'] })).toBeNull()
  expect(resultChartProps(SALES, { type: 'table' })).toBeNull()
})

test('draws at most 5,000 rows and 50 lines, and says how many rows are left out', () => {
  const data = Array.from({ length: 6_000 }, (_, at) => ({ shop: `s${at}`, sold: at }))
  const meta = [SALES.meta[0], SALES.meta[2]].flatMap((each) => each ?? [])
  expect(resultChartProps({ meta, data }, { type: 'bar' })).toMatchObject({ left: 1_000 })
  expect(resultChartProps({ meta, data }, { type: 'bar', series: 'shop' })?.series.length).toBe(50)
})

test('the number is the last row of the chosen column, or of the first numeric one', () => {
  expect(resultNumber(SALES, undefined)).toEqual({ name: 'sold', value: 5 })
  expect(resultNumber(SALES, 'price')).toEqual({ name: 'price', value: 2 })
  expect(resultNumber({ ...SALES, data: [] }, undefined)).toBeNull()
})
