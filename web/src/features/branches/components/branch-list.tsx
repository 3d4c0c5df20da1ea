import type { EnvironmentBody } from '@sandpiper/contracts'
import { useState } from 'react'

import { formatAgo } from '@/lib/format.ts'
import { Button } from '@/ui/button.tsx'
import { ConfirmByName } from '@/ui/confirm-by-name.tsx'
import { Card } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'
import { Empty, ErrorBox } from '@/ui/states.tsx'

import { useEnterBranch } from '../api/enter-branch.ts'
import { useBranches } from '../api/get-branches.ts'
import { useRemoveBranch } from '../api/remove-branch.ts'
import { NewBranch } from './new-branch.tsx'

/** @param onEnter goes to a place. */
export function BranchList({ onEnter }: { onEnter: (place: string) => void }) {
  const [removed, setRemoved] = useState<EnvironmentBody | null>(null)
  const enter = useEnterBranch()
  const columns = columnsFor({
    onEnter: ({ name }) => enter.mutate(name, { onSuccess: onEnter }),
    onRemove: setRemoved,
    isBusy: enter.isPending,
  })
  return (
    <QueryView query={useBranches()}>
      {(branches) => (
        <div className="flex flex-col gap-3">
          <NewBranch />
          {enter.isError ? <ErrorBox error={enter.error} /> : null}
          {branches.length === 0 ? (
            <Empty title="No branches">
              A branch has its own data sources, pipes, tokens and rows: to try a change without
              touching what is live. It begins empty.
            </Empty>
          ) : (
            <Card pad={false}>
              <SimpleTable
                label="Branches"
                columns={columns}
                rows={branches}
                keyOf={({ id }) => id}
              />
            </Card>
          )}
          {removed === null ? null : (
            <RemoveBranch branch={removed} onClose={() => setRemoved(null)} />
          )}
        </div>
      )}
    </QueryView>
  )
}

function columnsFor(on: {
  onEnter: (branch: EnvironmentBody) => void
  onRemove: (branch: EnvironmentBody) => void
  isBusy: boolean
}): readonly Column<EnvironmentBody>[] {
  return [
    {
      id: 'name',
      header: 'Branch',
      cell: ({ name }) => <span className="font-medium">{name}</span>,
    },
    { id: 'made', header: 'Made', cell: ({ created_at }) => formatAgo(created_at) },
    {
      id: 'actions',
      header: <span className="sr-only">Actions</span>,
      align: 'right',
      cell: (branch) => (
        <span className="flex justify-end gap-2">
          <Button
            busy={on.isBusy}
            aria-label={`Switch to ${branch.name}`}
            onClick={() => on.onEnter(branch)}
          >
            Switch
          </Button>
          <Button
            look="danger"
            aria-label={`Delete ${branch.name}`}
            onClick={() => on.onRemove(branch)}
          >
            Delete
          </Button>
        </span>
      ),
    },
  ]
}

function RemoveBranch({ branch, onClose }: { branch: EnvironmentBody; onClose: () => void }) {
  const remove = useRemoveBranch()
  return (
    <ConfirmByName
      open
      onClose={onClose}
      title={`Delete the branch ${branch.name}`}
      name={branch.name}
      loses="Its data sources with all their rows, its pipes, tokens and secrets are removed. The workspace itself stays as it is."
      action="Delete"
      onConfirm={() => remove.mutate(branch, { onSuccess: onClose })}
      busy={remove.isPending}
      error={remove.error}
    />
  )
}
