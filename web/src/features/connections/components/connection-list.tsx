import { Badge } from '@/ui/badge.tsx'
import { Card } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'
import { Empty } from '@/ui/states.tsx'

import { type Connection, useConnections } from '../api/get-connections.ts'
import { TopicList } from './topic-list.tsx'

/** What the project's .connection files say. */
export function ConnectionList() {
  return (
    <QueryView query={useConnections()}>
      {(connections) =>
        connections.length === 0 ? (
          <Empty title="No connections">
            Connections are .connection files of the project, and come with a deployment.
          </Empty>
        ) : (
          <div className="space-y-4">
            <Card pad={false}>
              <SimpleTable
                label="Connections"
                columns={COLUMNS}
                rows={connections}
                keyOf={({ id }) => id}
              />
            </Card>
            <TopicList connections={connections} />
          </div>
        )
      }
    </QueryView>
  )
}

const COLUMNS: readonly Column<Connection>[] = [
  {
    id: 'name',
    header: 'Connection',
    cell: ({ name }) => <span className="font-medium">{name}</span>,
  },
  { id: 'service', header: 'Kind', cell: ({ service }) => <Badge>{service}</Badge> },
  {
    id: 'settings',
    header: 'Settings',
    cell: ({ settings }) => (
      <dl className="font-mono text-xs">
        {Object.entries(settings).map(([name, value]) => (
          <div key={name}>
            <dt className="inline text-muted">{name}</dt>{' '}
            <dd className="inline break-all">{value}</dd>
          </div>
        ))}
      </dl>
    ),
  },
  {
    id: 'linkers',
    header: 'Data sources',
    align: 'right',
    cell: ({ linkers }) => linkers.length,
  },
]
