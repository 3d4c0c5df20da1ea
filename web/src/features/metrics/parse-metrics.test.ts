import { expect, test } from 'vitest'

import { parseMetrics } from './parse-metrics.ts'

const TEXT = `# HELP sandpiper_up 1 when the process answers, else 0.
# TYPE sandpiper_up gauge
sandpiper_up{process="main"} 1
sandpiper_up{process="engine"} 0
# HELP sandpiper_freshness_seconds Append to confirmed in every target; one probe at a time.
# TYPE sandpiper_freshness_seconds histogram
sandpiper_freshness_seconds_bucket{le="0.1"} 3
sandpiper_freshness_seconds_bucket{le="+Inf"} 4
sandpiper_freshness_seconds_sum 2
sandpiper_freshness_seconds_count 4
`

test('each sample has its labels and what it means', () => {
  expect(parseMetrics(TEXT).slice(0, 2)).toEqual([
    {
      name: 'sandpiper_up',
      labels: 'process="main"',
      value: 1,
      help: '1 when the process answers, else 0.',
    },
    {
      name: 'sandpiper_up',
      labels: 'process="engine"',
      value: 0,
      help: '1 when the process answers, else 0.',
    },
  ])
})

test('a histogram is shown by its mean', () => {
  expect(parseMetrics(TEXT).slice(2)).toMatchObject([
    { name: 'sandpiper_freshness_seconds', value: 0.5 },
  ])
})
