import type { DeploymentBody } from '@sandpiper/contracts'

import { formatAgo } from '@/lib/format.ts'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'
import { Empty } from '@/ui/states.tsx'

import { useDeployments } from '../api/get-deployments.ts'
import { summaryOf } from './changes.ts'
import { DeploymentActions } from './deployment-actions.tsx'
import { StateBadge } from './state-badge.tsx'

/** What is live or waits to be, and the history behind it. */
export function DeploymentList() {
  return (
    <QueryView query={useDeployments()}>
      {(all) => (all.length === 0 ? <NoneYet /> : <Deployments all={all} />)}
    </QueryView>
  )
}

function NoneYet() {
  return (
    <Empty title="Nothing was deployed yet">
      A deployment is made when a data source is created, a draft is published, or a project is
      deployed with the command.
    </Empty>
  )
}

function Deployments({ all }: { all: readonly DeploymentBody[] }) {
  const isOver = ({ live, status }: DeploymentBody): boolean =>
    !live && ['deleted', 'deleting'].includes(status)
  const current = all.filter((each) => !isOver(each))
  const past = all.filter(isOver)
  return (
    <>
      {current.length === 0 ? null : (
        <Card title="Now" pad={false}>
          <SimpleTable
            label="Deployments that are there now"
            columns={columnsFor(all)}
            rows={current}
            keyOf={({ id }) => id}
          />
        </Card>
      )}
      {past.length === 0 ? null : (
        <Card title="History" pad={false}>
          <SimpleTable
            label="Deployments that were replaced or discarded"
            columns={HISTORY_COLUMNS}
            rows={past}
            keyOf={({ id }) => id}
          />
        </Card>
      )}
    </>
  )
}

const HISTORY_COLUMNS: readonly Column<DeploymentBody>[] = [
  {
    id: 'number',
    header: 'Deployment',
    cell: ({ id }) => (
      <PlaceLink to={`deployments/${encodeURIComponent(id)}`} className="font-medium text-accent">
        #{id}
      </PlaceLink>
    ),
  },
  {
    id: 'state',
    header: 'State',
    cell: (deployment) => <StateBadge deployment={deployment} />,
  },
  { id: 'changes', header: 'Changes', cell: summaryOf },
  { id: 'made', header: 'Made', cell: ({ created_at }) => formatAgo(created_at) },
  {
    id: 'remarks',
    header: 'Remarks',
    cell: ({ feedback }) => remarksOf(feedback),
  },
]

function columnsFor(all: readonly DeploymentBody[]): readonly Column<DeploymentBody>[] {
  return [
    ...HISTORY_COLUMNS,
    {
      id: 'actions',
      header: <span className="sr-only">Actions</span>,
      align: 'right',
      cell: (deployment) => <DeploymentActions deployment={deployment} all={all} />,
    },
  ]
}

function remarksOf(feedback: DeploymentBody['feedback']): string {
  const count = (level: string): number => feedback.filter((each) => each.level === level).length
  const parts = [
    count('ERROR') === 0 ? '' : `${count('ERROR')} errors`,
    count('WARNING') === 0 ? '' : `${count('WARNING')} warnings`,
  ].filter((part) => part !== '')
  return parts.join(', ')
}
