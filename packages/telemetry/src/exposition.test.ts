import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

import { createExposition } from './exposition.ts'
import { createHistogram, readHistogram } from './histogram.ts'
import { METRIC_FAMILIES, type MetricName } from './metric-families.ts'

const SPEC = readFileSync(new URL('../../../docs/specs/metrics.md', import.meta.url), 'utf8')

test('docs/specs/metrics.md names every metric with its type and labels, and no other', () => {
  const documented = [...SPEC.matchAll(/^\| `(sandpiper_\w+)` \| (\w+) \| ([^|]*) \|/gm)]
  const said = documented.map(([, name, type, labels]) => [name, type, labels?.trim()])
  const declared = Object.entries(METRIC_FAMILIES).map(([name, { type, labels }]) => [
    name,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
  ])
  expect(said).toEqual(declared)
})

test('counters end in _total, and times and sizes say their unit', () => {
  for (const [name, { type }] of Object.entries(METRIC_FAMILIES)) {
    expect(name.endsWith('_total'), name).toBe(type === 'counter')
    expect(name).not.toMatch(/_(ms|millis|kb|mb|percent)(_|$)/)
    if (type === 'histogram') expect(name).toMatch(/_seconds$/)
  }
})

test('every family is there, with or without a value', () => {
  const text = createExposition().text()
  for (const name of Object.keys(METRIC_FAMILIES)) expect(text).toContain(`# TYPE ${name} `)
})

test('values, labels and histograms are written as Prometheus reads them', () => {
  const out = createExposition()
  const histogram = createHistogram([0.1, 1])
  for (const seconds of [0.1, 0.5, 7]) histogram.observe(seconds)
  out.set('sandpiper_up', 1, { process: 'a"b\\c\nd' })
  out.set('sandpiper_log_queued_bytes', 1e21)
  out.set('sandpiper_log_segments', null)
  out.set('sandpiper_jobs_running', NaN)
  out.histogram('sandpiper_freshness_seconds', histogram.snapshot())
  const lines = out
    .text()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  expect(lines).toEqual([
    'sandpiper_up{process="a\\"b\\\\c\\nd"} 1',
    'sandpiper_log_queued_bytes 1e+21',
    'sandpiper_freshness_seconds_bucket{le="0.1"} 1',
    'sandpiper_freshness_seconds_bucket{le="1"} 2',
    'sandpiper_freshness_seconds_bucket{le="+Inf"} 3',
    'sandpiper_freshness_seconds_sum 7.6',
    'sandpiper_freshness_seconds_count 3',
  ])
})

test('no label makes the answer grow without bound', () => {
  const out = createExposition()
  for (let n = 0; n < 20_000; n += 1) out.set('sandpiper_up', 1, { process: String(n) })
  expect(out.text().split('\n').length).toBeLessThan(6_000)
})

test('a histogram of another process is taken as it was, and nothing else is', () => {
  const histogram = createHistogram()
  histogram.observe(3)
  const snapshot = histogram.snapshot()
  expect(readHistogram(JSON.parse(JSON.stringify(snapshot)))).toEqual(snapshot)
  for (const other of [null, {}, { ...snapshot, counts: [1] }, { ...snapshot, sum: 'x' }]) {
    expect(readHistogram(other)).toBeNull()
  }
})

test('every metric has a help text of one line', () => {
  const names = Object.keys(METRIC_FAMILIES) as MetricName[]
  for (const name of names) expect(METRIC_FAMILIES[name].help).toMatch(/^[^\n\\]{5,100}$/)
})
