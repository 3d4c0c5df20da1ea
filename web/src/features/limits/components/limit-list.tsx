import type { LimitListBody } from '@sandpiper/contracts'

import { useLimits } from '@/lib/get-limits.ts'
import { formatBytes, formatCount, formatSeconds } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'
import { Card } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'
import { Empty } from '@/ui/states.tsx'

type Limit = LimitListBody['limits'][number]

export function LimitList() {
  return (
    <QueryView query={useLimits()}>
      {({ limits }) =>
        limits.length === 0 ? (
          <Empty title="Nothing is limited" />
        ) : (
          <Card title="What queries may take" pad={false}>
            <SimpleTable
              label="Limits"
              columns={COLUMNS}
              rows={limits}
              keyOf={({ name }) => name}
            />
            <p className="border-t border-line px-4 py-3 text-xs text-muted">
              Of the server, the workspace’s plan and the token you are signed in with, the smallest
              holds. Plans are set by whoever rules the server.
            </p>
          </Card>
        )
      }
    </QueryView>
  )
}

const WORDS: Readonly<Record<string, string>> = {
  max_execution_time: 'Time of a query',
  max_memory_usage: 'Memory of a query',
  max_rows_to_read: 'Rows a query may read',
  max_bytes_to_read: 'Bytes a query may read',
  max_result_bytes: 'Size of an answer',
  max_ast_elements: 'Size of a statement',
  rps: 'Requests per second',
  copy_max_execution_time: 'Time of a copy',
  copy_max_result_bytes: 'Size of what a copy writes',
}

const COLUMNS: readonly Column<Limit>[] = [
  {
    id: 'name',
    header: 'Limit',
    cell: ({ name }) => (
      <>
        {WORDS[name] ?? name}
        <span className="block font-mono text-xs text-muted">{name}</span>
      </>
    ),
  },
  { id: 'value', header: 'At most', align: 'right', cell: valueOf },
  {
    id: 'from',
    header: 'Set by',
    cell: ({ from }) => <Badge tone={from === 'server' ? 'plain' : 'accent'}>the {from}</Badge>,
  },
]

function valueOf({ value, unit }: Limit): string {
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 'seconds') return formatSeconds(value)
  return `${formatCount(value)} ${unit}`
}
