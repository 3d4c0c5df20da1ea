import { formatAgo, formatBytes, formatCount, formatSeconds } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'

import { type FailedRequest, useFailedRequests } from '../api/get-failed-requests.ts'
import { type SlowRequest, useSlowRequests } from '../api/get-slow-requests.ts'
import type { RangeId } from '../ranges.ts'

export function SlowRequests({ pipe, range }: { pipe: string; range: RangeId }) {
  const slow = useSlowRequests(pipe, range)
  return (
    <Card title="Slowest requests" pad={false}>
      <QueryView query={slow}>
        {(rows) => (
          <Requests label="Slowest requests" columns={SLOW} rows={rows} none="No requests." />
        )}
      </QueryView>
    </Card>
  )
}

export function FailedRequests({ pipe, range }: { pipe: string; range: RangeId }) {
  const failed = useFailedRequests(pipe, range)
  return (
    <Card title="Failed requests" pad={false}>
      <QueryView query={failed}>
        {(rows) => (
          <Requests label="Failed requests" columns={FAILED} rows={rows} none="None failed." />
        )}
      </QueryView>
    </Card>
  )
}

function Requests<Row extends { request_id: string }>(props: {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  none: string
}) {
  if (props.rows.length === 0) return <p className="p-4 text-sm text-muted">{props.none}</p>
  return <SimpleTable {...props} keyOf={({ request_id: id }) => id} />
}

const logColumn = <Row extends { request_id: string }>(source: string): Column<Row> => ({
  id: 'request',
  header: 'Request',
  cell: ({ request_id: id }) => (
    <PlaceLink
      to="logs"
      search={{ source, q: id, range: '7d' }}
      className="font-mono text-xs text-accent hover:underline"
      label={`Request ${id} in the logs`}
    >
      {id}
    </PlaceLink>
  ),
})

const SLOW: readonly Column<SlowRequest>[] = [
  { id: 'when', header: 'When', cell: ({ start_datetime: at }) => formatAgo(at) },
  { id: 'time', header: 'Took', align: 'right', cell: ({ duration }) => formatSeconds(duration) },
  {
    id: 'read',
    header: 'Read',
    align: 'right',
    cell: ({ read_rows: rows, read_bytes: bytes }) =>
      `${formatCount(rows)} rows, ${formatBytes(bytes)}`,
  },
  { id: 'token', header: 'Token', cell: ({ token_name: name }) => name },
  { id: 'params', header: 'Parameters', cell: ({ parameters }) => <Params values={parameters} /> },
  logColumn('pipe_stats_rt'),
]

const FAILED: readonly Column<FailedRequest>[] = [
  { id: 'when', header: 'When', cell: ({ start_datetime: at }) => formatAgo(at) },
  {
    id: 'status',
    header: 'Status',
    cell: ({ status_code: status }) => <Badge tone="bad">{status}</Badge>,
  },
  {
    id: 'error',
    header: 'Error',
    cell: ({ error }) => (
      <span className="line-clamp-3 min-w-48 font-mono text-xs break-words">{error}</span>
    ),
  },
  {
    id: 'params',
    header: 'Parameters',
    cell: ({ params }) => <span className="font-mono text-xs break-all">{params}</span>,
  },
  logColumn('endpoint_errors'),
]

function Params({ values }: { values: Record<string, string> }) {
  return (
    <span className="font-mono text-xs break-all">
      {Object.entries(values)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ')}
    </span>
  )
}
