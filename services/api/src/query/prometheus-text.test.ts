import { describe, expect, test } from 'vitest'

import { prometheusText } from './prometheus-text.ts'

const COLUMNS = ['name', 'value', 'labels', 'type', 'help', 'timestamp']

/** Rows of these columns; what is left out at the end of one is null. */
function text(...rows: (readonly unknown[])[]): string {
  const full = rows.map((row) => COLUMNS.map((_, index) => row[index] ?? null))
  return prometheusText([COLUMNS, COLUMNS, ...full].map((row) => JSON.stringify(row)).join('\n'))
}

test('a metric has its help and type once, then a line for each row, labels in order', () => {
  expect(
    text(
      [
        'requests_total',
        1027,
        { method: 'post', code: '200' },
        'counter',
        'Requests',
        1395066363000,
      ],
      ['requests_total', 3, { code: '400' }, 'counter', 'Requests', 0],
    ),
  ).toBe(
    '# HELP requests_total Requests\n# TYPE requests_total counter\n' +
      'requests_total{code="200",method="post"} 1027 1395066363000\nrequests_total{code="400"} 3\n',
  )
})

test('rows of one metric stand together wherever they came', () => {
  expect(text(['a', 1, null, 'gauge'], ['b', 2], ['a', 3, { x: '1' }])).toBe(
    '# TYPE a gauge\na 1\na{x="1"} 3\n\nb 2\n',
  )
})

test('quotes, backslashes and line breaks of labels and help are escaped', () => {
  expect(text(['a', 1, { l: 'q"b\\n\nx' }, '', 'h\\1\nh2"'])).toBe(
    '# HELP a h\\\\1\\nh2"\na{l="q\\"b\\\\n\\nx"} 1\n',
  )
})

test('numbers that are none, infinite or of 64 bits keep their meaning', () => {
  expect(
    text(['a', 'nan'], ['b', 'inf'], ['c', '-inf'], ['d', '18446744073709551615'], ['e', 1e30]),
  ).toBe('a NaN\n\nb +Inf\n\nc -Inf\n\nd 18446744073709551615\n\ne 1e+30\n')
})

test('a histogram: buckets in order, sum and count behind them, the missing count taken from +Inf', () => {
  expect(
    text(
      ['h', 33444, { le: '0.1' }, 'histogram'],
      ['h', 144320, { le: '+Inf' }, 'histogram'],
      ['h', 24054, { le: '0.05' }, 'histogram'],
      ['h', 53423, { sum: '' }, 'histogram'],
    ),
  ).toBe(
    '# TYPE h histogram\nh_bucket{le="0.05"} 24054\nh_bucket{le="0.1"} 33444\nh_bucket{le="+Inf"} 144320\n' +
      'h_sum 53423\nh_count 144320\n',
  )
})

test('a histogram of several label sets has each apart, and +Inf made of the count', () => {
  expect(
    text(
      ['h', 1, { le: '1', p: 'a' }, 'histogram'],
      ['h', 5, { le: '1', p: 'b' }, 'histogram'],
      ['h', 2, { count: '', p: 'a' }, 'histogram'],
    ),
  ).toBe(
    '# TYPE h histogram\nh_bucket{le="1",p="a"} 1\nh_bucket{le="+Inf",p="a"} 2\nh_count{p="a"} 2\nh_bucket{le="1",p="b"} 5\n',
  )
})

test('a summary: quantiles in order, then sum and count', () => {
  expect(
    text(
      ['s', 4773, { quantile: '0.5' }, 'summary'],
      ['s', 3102, { quantile: '0.01' }, 'summary'],
      ['s', 2693, { count: '' }, 'summary'],
      ['s', 17560473, { sum: '' }, 'summary'],
    ),
  ).toBe(
    '# TYPE s summary\ns{quantile="0.01"} 3102\ns{quantile="0.5"} 4773\ns_sum 17560473\ns_count 2693\n',
  )
})

test('no rows are no text', () => {
  expect(text()).toBe('')
})

describe('what no scraper could read is refused, with the row', () => {
  test.each([
    [['a 1\nforged', 1], 'Row 1: "a 1\\nforged" is not a metric name'],
    [['a', 1, { 'x="1"} 2\nb{y': '' }], 'is not the name of a label'],
    [['a', 1, null, 'gauge\nb 2'], 'is none of counter'],
    [['a', 'many'], 'Row 1: value must be a number'],
    [['a', 1, null, '', '', '2026-01-01 00:00:00'], 'Row 1: timestamp must be a number'],
    [['a', 1, 'x', '', ''], 'labels must be a Map'],
    [['h', 1, { x: '1' }, 'histogram'], "needs a label 'le', 'sum' or 'count'"],
  ])('%j', (row, message) => {
    expect(() => text(row)).toThrow(message)
  })

  test('a missing column', () => {
    expect(() => prometheusText('["name"]\n["String"]\n["a"]')).toThrow("'value' is missing")
  })
})
