import { formatCount } from '@/lib/format.ts'
import { Chart } from '@/ui/chart/chart.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Loading } from '@/ui/states.tsx'

import { useLogHistogram } from '../api/get-log-histogram.ts'
import { type LogSelection, spanSearch } from '../api/log-search.ts'
import { logSource } from '../api/log-sources.ts'
import { bucketSecondsOf } from '../api/log-sql.ts'

export interface LogHistogramProps {
  selection: LogSelection
  live: boolean
  /** Called with the span that was dragged over, from bar to bar. */
  onSpan: (span: { from: string; to: string }) => void
}

/** How many rows there were when, failures apart. */
export function LogHistogram({ selection, live, onSpan }: LogHistogramProps) {
  const query = useLogHistogram(selection, live)
  const canFail = logSource(selection.source).failed !== null
  // What is wrong is told once, where the rows would stand.
  if (query.isError) return null
  return (
    <QueryView query={query} loading={<Loading label="Loading the histogram" rows={3} />}>
      {(bars) => (
        <div className="rounded-lg border border-line bg-surface p-3">
          <Chart
            label="Rows over time"
            kind="bar"
            time
            stacked
            x={bars.map(({ at }) => at * 1000)}
            series={[
              { name: canFail ? 'Good' : 'Rows', values: bars.map(({ ok }) => ok) },
              ...(canFail ? [{ name: 'Failed', values: bars.map(({ failed }) => failed) }] : []),
            ]}
            format={formatCount}
            heightPx={130}
            onSelect={(fromMs, toMs) =>
              onSpan(spanSearch(fromMs, toMs, bucketSecondsOf(selection) * 1000))
            }
          />
          <p className="mt-1 text-xs text-muted">Drag over the bars to look at that time only.</p>
        </div>
      )}
    </QueryView>
  )
}
