import type { PipeBody } from '@sandpiper/contracts'

import { usePipes } from '@/lib/catalog/get-pipes.ts'
import { isForbidden } from '@/lib/api-error.ts'
import { formatCount, formatPercent, formatSeconds } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'
import { SelectField, TextField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'
import { Empty, ErrorBox } from '@/ui/states.tsx'

import { type EndpointStats, useEndpointStats } from '../api/get-endpoint-stats.ts'
import { RANGES, type RangeId, readRange } from '../ranges.ts'

export interface EndpointListProps {
  search: string
  range: RangeId
  onSearch: (search: string) => void
  onRange: (range: RangeId) => void
}

interface Row {
  pipe: PipeBody
  stats: EndpointStats | undefined
}

export function EndpointList({ search, range, onSearch, onRange }: EndpointListProps) {
  const pipes = usePipes()
  const stats = useEndpointStats(range)
  return (
    <>
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-64 max-w-full">
          <TextField
            label="Find an endpoint"
            type="search"
            value={search}
            onChange={(event) => onSearch(event.target.value)}
          />
        </div>
        <SelectField
          label="Figures of"
          value={range}
          options={RANGES.map(({ id, label }) => ({ value: id, label }))}
          onChange={(event) => onRange(readRange(event.target.value) ?? '24h')}
        />
      </div>
      {stats.isError ? <StatsMissing error={stats.error} /> : null}
      <QueryView query={pipes}>
        {(all) => (
          <FoundEndpoints
            search={search}
            rows={all
              .filter(({ endpoint }) => endpoint !== null)
              .map((pipe) => ({ pipe, stats: stats.data?.get(pipe.name) }))}
          />
        )}
      </QueryView>
    </>
  )
}

function StatsMissing({ error }: { error: unknown }) {
  if (!isForbidden(error)) return <ErrorBox error={error} />
  return (
    <p className="text-sm text-muted">
      Your token may not read tinybird.pipe_stats_rt, so the figures of requests are left out.
    </p>
  )
}

function FoundEndpoints({ search, rows }: { search: string; rows: readonly Row[] }) {
  if (rows.length === 0)
    return (
      <Empty title="No endpoints yet">
        A node of a pipe becomes an endpoint by <code>TYPE endpoint</code>. Open{' '}
        <PlaceLink to="pipes" className="text-accent underline">
          Pipes
        </PlaceLink>
        , write a query and promote it.
      </Empty>
    )
  const words = search.toLowerCase().split(/\s+/)
  const found = rows
    .filter(({ pipe }) => {
      const text = `${pipe.name} ${pipe.description ?? ''}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
    .sort(byRequests)
  if (found.length === 0) return <Empty title="No endpoint has that name" />
  return (
    <Card pad={false}>
      <SimpleTable label="Endpoints" columns={COLUMNS} rows={found} keyOf={({ pipe }) => pipe.id} />
    </Card>
  )
}

function byRequests(a: Row, b: Row): number {
  const more = (b.stats?.requests ?? 0) - (a.stats?.requests ?? 0)
  return more === 0 ? a.pipe.name.localeCompare(b.pipe.name) : more
}

const figure = (shown: (stats: EndpointStats) => string) => {
  const Figure = ({ stats }: Row) => (stats === undefined ? '–' : shown(stats))
  return Figure
}

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'name',
    header: 'Endpoint',
    cell: ({ pipe }) => (
      <div className="min-w-40">
        <PlaceLink
          to={`endpoints/${encodeURIComponent(pipe.name)}`}
          className="font-medium text-accent hover:underline"
        >
          {pipe.name}
        </PlaceLink>
        {pipe.description === null ? null : (
          <p className="line-clamp-2 text-xs text-muted">{pipe.description}</p>
        )}
      </div>
    ),
  },
  {
    id: 'requests',
    header: 'Requests',
    align: 'right',
    cell: figure(({ requests }) => formatCount(requests)),
  },
  { id: 'p50', header: 'p50', align: 'right', cell: figure(({ p50 }) => formatSeconds(p50)) },
  { id: 'p95', header: 'p95', align: 'right', cell: figure(({ p95 }) => formatSeconds(p95)) },
  {
    id: 'errors',
    header: 'Errors',
    align: 'right',
    cell: ({ stats }) => {
      if (stats === undefined) return '–'
      const ratio = stats.errors / Math.max(1, stats.requests)
      if (stats.errors === 0) return formatPercent(0)
      return <Badge tone={ratio > 0.05 ? 'bad' : 'warn'}>{formatPercent(ratio)}</Badge>
    },
  },
]
