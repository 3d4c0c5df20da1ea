import { formatCount, formatPercent, formatSeconds } from '@/lib/format.ts'
import { Chart } from '@/ui/chart/chart.tsx'
import { SelectField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Stat } from '@/ui/stat.tsx'

import { useEndpointSeries } from '../api/get-endpoint-series.ts'
import { useEndpointStats } from '../api/get-endpoint-stats.ts'
import { RANGES, type RangeId, readRange } from '../ranges.ts'
import { FailedRequests, SlowRequests } from './recent-requests.tsx'

export interface EndpointPerformanceProps {
  pipe: string
  range: RangeId
  onRange: (range: RangeId) => void
}

export function EndpointPerformance({ pipe, range, onRange }: EndpointPerformanceProps) {
  const series = useEndpointSeries(pipe, range)
  return (
    <div className="flex flex-col gap-4">
      <div className="w-48">
        <SelectField
          label="Time range"
          value={range}
          options={RANGES.map(({ id, label }) => ({ value: id, label }))}
          onChange={(event) => onRange(readRange(event.target.value) ?? '24h')}
        />
      </div>
      <QueryView query={series}>
        {({ x, requests, errors, p50, p95 }) => (
          <>
            <Totals pipe={pipe} range={range} />
            <div className="grid gap-4 xl:grid-cols-2">
              <Card title="Latency">
                <Chart
                  label={`Latency of ${pipe}`}
                  kind="line"
                  time
                  x={x}
                  series={[
                    { name: 'p50', values: p50 },
                    { name: 'p95', values: p95 },
                  ]}
                  format={formatSeconds}
                />
              </Card>
              <Card title="Requests and errors">
                <Chart
                  label={`Requests and errors of ${pipe}`}
                  kind="bar"
                  time
                  x={x}
                  series={[
                    { name: 'requests', values: requests },
                    { name: 'errors', values: errors },
                  ]}
                  format={formatCount}
                />
              </Card>
            </div>
            <FailedRequests pipe={pipe} range={range} />
            <SlowRequests pipe={pipe} range={range} />
          </>
        )}
      </QueryView>
    </div>
  )
}

function Totals({ pipe, range }: { pipe: string; range: RangeId }) {
  const all = useEndpointStats(range).data
  const stats = all?.get(pipe)
  const none = all === undefined ? '…' : '–'
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Stat label="Requests" value={stats === undefined ? none : formatCount(stats.requests)} />
      <Stat
        label="Error rate"
        value={
          stats === undefined ? none : formatPercent(stats.errors / Math.max(1, stats.requests))
        }
      />
      <Stat label="p50" value={stats === undefined ? none : formatSeconds(stats.p50)} />
      <Stat label="p95" value={stats === undefined ? none : formatSeconds(stats.p95)} />
    </div>
  )
}
