import type { VariableBody } from '@sandpiper/contracts'
import { Plus } from 'lucide-react'
import { useState } from 'react'

import { formatAgo } from '@/lib/format.ts'
import { Button } from '@/ui/button.tsx'
import { ConfirmByName } from '@/ui/confirm-by-name.tsx'
import { Card } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'
import { Empty } from '@/ui/states.tsx'

import { useVariables } from '../api/get-variables.ts'
import { useRemoveVariable } from '../api/remove-variable.ts'
import { VariableDialog } from './variable-dialog.tsx'

type Asked = { kind: 'new' } | { kind: 'replace' | 'delete'; name: string } | null

/** Secrets that templates read with tb_secret(): names only. */
export function VariableList() {
  const [asked, setAsked] = useState<Asked>(null)
  const variables = useVariables()
  const close = (): void => setAsked(null)
  return (
    <QueryView query={variables}>
      {(all) => (
        <Card
          title="Secrets"
          pad={false}
          actions={
            <Button onClick={() => setAsked({ kind: 'new' })}>
              <Plus size={14} aria-hidden />
              New secret
            </Button>
          }
        >
          {all.length === 0 ? (
            <div className="p-4">
              <Empty title="No secrets yet">
                Keep passwords and keys here. Pipes read them with{' '}
                <code>{'{{ tb_secret("name") }}'}</code>, connections by name.
              </Empty>
            </div>
          ) : (
            <SimpleTable
              label="Secrets"
              columns={columnsFor(setAsked)}
              rows={all}
              keyOf={({ name }) => name}
            />
          )}
          {asked?.kind === 'new' ? <VariableDialog onClose={close} /> : null}
          {asked?.kind === 'replace' ? <VariableDialog name={asked.name} onClose={close} /> : null}
          {asked?.kind === 'delete' ? <DeleteVariable name={asked.name} onClose={close} /> : null}
        </Card>
      )}
    </QueryView>
  )
}

function columnsFor(ask: (asked: Asked) => void): readonly Column<VariableBody>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      cell: ({ name }) => <span className="font-mono text-xs">{name}</span>,
    },
    { id: 'changed', header: 'Changed', cell: ({ updated_at }) => formatAgo(updated_at) },
    { id: 'by', header: 'With the token', cell: ({ edited_by }) => edited_by },
    {
      id: 'actions',
      header: <span className="sr-only">Actions</span>,
      align: 'right',
      cell: ({ name }) => (
        <span className="flex justify-end gap-2">
          <Button
            aria-label={`Replace the value of ${name}`}
            onClick={() => ask({ kind: 'replace', name })}
          >
            Replace
          </Button>
          <Button
            look="danger"
            aria-label={`Delete ${name}`}
            onClick={() => ask({ kind: 'delete', name })}
          >
            Delete
          </Button>
        </span>
      ),
    },
  ]
}

function DeleteVariable({ name, onClose }: { name: string; onClose: () => void }) {
  const remove = useRemoveVariable()
  return (
    <ConfirmByName
      open
      onClose={onClose}
      title={`Delete the secret ${name}`}
      name={name}
      loses="Pipes and connections that read it fail from now on. Its value cannot be brought back."
      action="Delete"
      onConfirm={() => remove.mutate(name, { onSuccess: onClose })}
      busy={remove.isPending}
      error={remove.error}
    />
  )
}
