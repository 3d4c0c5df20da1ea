import { formatAgo, formatCount, formatSeconds } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'
import { Empty } from '@/ui/states.tsx'

import { type Operation, useOperations } from '../api/get-operations.ts'

/** What was done to the data source, and what came of it. */
export function LogTab({ id, name }: { id: string; name: string }) {
  return (
    <QueryView query={useOperations(id, name)}>
      {(operations) =>
        operations.length === 0 ? (
          <Empty title="Nothing was done in the last 30 days">
            Appends, imports, changes and deletes are listed here.
          </Empty>
        ) : (
          <Card pad={false}>
            <SimpleTable
              label={`Operations on ${name}`}
              columns={COLUMNS}
              rows={operations.map((each, at) => ({ ...each, key: String(at) }))}
              keyOf={({ key }) => key}
            />
          </Card>
        )
      }
    </QueryView>
  )
}

const COLUMNS: readonly Column<Operation & { key: string }>[] = [
  {
    id: 'at',
    header: 'When',
    cell: ({ at }) => (
      <span title={`${at} UTC`} className="whitespace-nowrap">
        {formatAgo(at)}
      </span>
    ),
  },
  { id: 'event', header: 'Operation', cell: ({ event }) => <code>{event}</code> },
  {
    id: 'result',
    header: 'Result',
    cell: ({ result, error }) => (
      <>
        <Badge tone={result === 'ok' ? 'good' : 'bad'}>{result}</Badge>
        {error === null ? null : (
          <p className="mt-1 font-mono text-xs break-words whitespace-pre-wrap">{error}</p>
        )}
      </>
    ),
  },
  { id: 'rows', header: 'Rows', align: 'right', cell: ({ rows }) => countText(rows) },
  {
    id: 'refused',
    header: 'Quarantined',
    align: 'right',
    cell: ({ refused }) => countText(refused),
  },
  {
    id: 'seconds',
    header: 'Took',
    align: 'right',
    cell: ({ seconds }) => formatSeconds(seconds),
  },
  {
    id: 'by',
    header: 'By',
    cell: ({ job, pipe, request }) => {
      if (job !== null && job !== '')
        return <PlaceLink to={`jobs/${encodeURIComponent(job)}`}>job</PlaceLink>
      if (pipe !== '') return <PlaceLink to={`pipes/${encodeURIComponent(pipe)}`}>{pipe}</PlaceLink>
      return <span className="font-mono text-xs text-muted">{request}</span>
    },
  },
]

function countText(value: number | null): string {
  return value === null ? '' : formatCount(value)
}
