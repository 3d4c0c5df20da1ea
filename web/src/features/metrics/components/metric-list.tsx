import { useState } from 'react'

import { formatBytes, formatCount, formatSeconds } from '@/lib/format.ts'
import { TextField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'

import { useMetrics } from '../api/get-metrics.ts'
import type { Sample } from '../parse-metrics.ts'

export function MetricList() {
  const [q, setQ] = useState('')
  return (
    <QueryView query={useMetrics()}>
      {(samples) => (
        <div className="flex flex-col gap-3">
          <div className="max-w-xs">
            <TextField
              label="Search metrics"
              type="search"
              value={q}
              onChange={(event) => setQ(event.target.value)}
            />
          </div>
          <Card pad={false}>
            <SimpleTable
              label="Metrics of the server"
              columns={COLUMNS}
              rows={samples.filter((each) => textOf(each).includes(q.trim().toLowerCase()))}
              keyOf={({ name, labels }) => `${name}{${labels}}`}
            />
          </Card>
        </div>
      )}
    </QueryView>
  )
}

const textOf = ({ name, labels, help }: Sample): string => `${name} ${labels} ${help}`.toLowerCase()

const COLUMNS: readonly Column<Sample>[] = [
  {
    id: 'name',
    header: 'Metric',
    cell: ({ name, help }) => (
      <>
        <span className="font-mono text-xs">{name}</span>
        <span className="block text-xs text-muted">{help}</span>
      </>
    ),
  },
  {
    id: 'labels',
    header: 'Of',
    cell: ({ labels }) => <span className="font-mono text-xs text-muted">{labels}</span>,
  },
  { id: 'value', header: 'Now', align: 'right', cell: valueOf },
]

function valueOf({ name, value }: Sample): string {
  if (name.endsWith('bytes') || name.endsWith('bytes_total')) return formatBytes(value)
  if (name.endsWith('_seconds') || name.endsWith('_seconds_total')) return formatSeconds(value)
  return formatCount(value)
}
