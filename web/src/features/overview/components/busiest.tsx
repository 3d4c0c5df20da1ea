import { formatAgo, formatCount, formatPercent, formatSeconds } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'

import { type SourceEvents, useEvents } from '../api/get-events.ts'
import { type PipeRequests, useRequests } from '../api/get-requests.ts'
import type { RangeId } from '../api/ranges.ts'

/** Who is slow or fails, and where rows arrive or are refused. */
export function Busiest({ range }: { range: RangeId }) {
  const pipes = useRequests(range).data?.pipes ?? []
  const sources = useEvents(range).data?.sources ?? []
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      {pipes.length === 0 ? null : (
        <Card title="Slowest endpoints" pad={false}>
          <SimpleTable
            label="Slowest endpoints"
            columns={PIPE_COLUMNS}
            rows={pipes}
            keyOf={({ pipe_name }) => pipe_name}
          />
        </Card>
      )}
      {sources.length === 0 ? null : (
        <Card title="Where rows arrive" pad={false}>
          <SimpleTable
            label="Where rows arrive"
            columns={SOURCE_COLUMNS}
            rows={sources}
            keyOf={({ datasource_name }) => datasource_name}
          />
        </Card>
      )}
    </div>
  )
}

/** What `/v0/sql` is called in the server's notes. */
const QUERY_API = 'query_api'

const PIPE_COLUMNS: readonly Column<PipeRequests>[] = [
  {
    id: 'name',
    header: 'Endpoint',
    cell: ({ pipe_name }) =>
      pipe_name === QUERY_API ? (
        <PlaceLink
          to="logs"
          search={{
            source: 'pipe_stats_rt',
            filters: [{ column: 'pipe_name', op: 'is', value: pipe_name }],
          }}
        >
          SQL queries
        </PlaceLink>
      ) : (
        <PlaceLink to={`endpoints/${encodeURIComponent(pipe_name)}`}>{pipe_name}</PlaceLink>
      ),
  },
  {
    id: 'requests',
    header: 'Requests',
    align: 'right',
    cell: ({ requests }) => formatCount(requests),
  },
  { id: 'p95', header: 'p95', align: 'right', cell: ({ p95 }) => formatSeconds(p95) },
  {
    id: 'errors',
    header: 'Failed',
    align: 'right',
    cell: ({ errors, requests, pipe_name }) =>
      errors === 0 ? (
        '0'
      ) : (
        <PlaceLink
          to="logs"
          search={{
            source: 'endpoint_errors',
            filters: [{ column: 'pipe_name', op: 'is', value: pipe_name }],
          }}
        >
          <Badge tone="bad">{formatPercent(errors / requests)}</Badge>
        </PlaceLink>
      ),
  },
]

const SOURCE_COLUMNS: readonly Column<SourceEvents>[] = [
  {
    id: 'name',
    header: 'Data source',
    cell: ({ datasource_name: name }) => (
      <PlaceLink to={`data-sources/${encodeURIComponent(name)}`}>{name}</PlaceLink>
    ),
  },
  { id: 'rows', header: 'Rows', align: 'right', cell: ({ rows }) => formatCount(rows) },
  {
    id: 'refused',
    header: 'Refused',
    align: 'right',
    cell: ({ refused, datasource_name: name }) =>
      refused === 0 ? (
        '0'
      ) : (
        <PlaceLink to={`data-sources/${encodeURIComponent(name)}`} search={{ tab: 'quarantine' }}>
          <Badge tone="warn">{formatCount(refused)}</Badge>
        </PlaceLink>
      ),
  },
  { id: 'newest', header: 'Newest', align: 'right', cell: ({ newest }) => formatAgo(newest) },
]
