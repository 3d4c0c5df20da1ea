import { formatCount, formatSeconds } from '@/lib/format.ts'
import { Chart } from '@/ui/chart/chart.tsx'
import { Card } from '@/ui/page.tsx'

import { useEvents } from '../api/get-events.ts'
import { useRequests } from '../api/get-requests.ts'
import type { RangeId } from '../api/ranges.ts'

/** The same range drawn large; absent where the token may not see it, which its tiles say. */
export function TrafficCharts({ range }: { range: RangeId }) {
  const events = useEvents(range).data?.buckets ?? []
  const requests = useRequests(range).data?.buckets ?? []
  if (events.length === 0 && requests.length === 0) return null
  const times = requests.map(({ at }) => at * 1000)
  return (
    <div className="grid gap-3 lg:grid-cols-3">
      <Card title="Rows that arrived">
        <Chart
          label="Rows that arrived over time"
          kind="area"
          time
          x={events.map(({ at }) => at * 1000)}
          series={[
            { name: 'Rows', values: events.map(({ rows }) => rows) },
            { name: 'Refused', values: events.map(({ refused }) => refused) },
          ]}
          format={formatCount}
          heightPx={180}
        />
      </Card>
      <Card title="Requests">
        <Chart
          label="Requests over time"
          kind="area"
          time
          x={times}
          series={[
            { name: 'Requests', values: requests.map((each) => each.requests) },
            { name: 'Failed', values: requests.map(({ errors }) => errors) },
          ]}
          format={formatCount}
          heightPx={180}
        />
      </Card>
      <Card title="How long requests took">
        <Chart
          label="Duration of requests over time"
          kind="line"
          time
          x={times}
          series={[
            { name: 'p50', values: requests.map(({ p50 }) => p50) },
            { name: 'p95', values: requests.map(({ p95 }) => p95) },
          ]}
          format={formatSeconds}
          heightPx={180}
        />
      </Card>
    </div>
  )
}
