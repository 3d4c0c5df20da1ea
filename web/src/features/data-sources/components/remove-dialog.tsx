import { formatCount } from '@/lib/format.ts'
import { Button } from '@/ui/button.tsx'
import { ConfirmByName } from '@/ui/confirm-by-name.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { ErrorBox, Loading } from '@/ui/states.tsx'
import { useToast } from '@/ui/toast.tsx'

import { useRemovalPlan, useRemoveDataSource } from '../api/change-rows.ts'
import type { DataSourceDetail } from '../api/get-data-source.ts'

export interface RemoveDialogProps {
  source: DataSourceDetail
  /** Names of pipes that read it or fill it. */
  pipes: readonly string[]
  open: boolean
  onClose: () => void
  onRemoved: () => void
}

/** The data source itself goes: first the server says whether anything still needs it. */
export function RemoveDialog(props: RemoveDialogProps) {
  const { source, pipes, open, onClose, onRemoved } = props
  const { name, statistics } = source
  const plan = useRemovalPlan(name, open)
  const remove = useRemoveDataSource(name)
  const toast = useToast()
  if (plan.data === undefined || plan.data.result === 'failed')
    return (
      <Dialog
        open={open}
        onClose={onClose}
        title={`Delete ${name}`}
        actions={<Button onClick={onClose}>Close</Button>}
      >
        <Needed plan={plan} pipes={pipes} />
      </Dialog>
    )
  const gone = plan.data.deployment?.deleted_datasource_names ?? []
  const others = gone.filter((each) => each !== name)
  return (
    <ConfirmByName
      open={open}
      onClose={onClose}
      title={`Delete ${name}`}
      name={name}
      action="Delete the data source"
      busy={remove.isPending}
      error={remove.error}
      loses={
        <>
          <p>
            The data source, its {formatCount(statistics.row_count)} rows and its quarantine are
            gone for good. Events that are sent to it are refused from then on, and tokens lose
            their rights to it.
          </p>
          {others.length === 0 ? null : <p className="mt-2">Goes too: {others.join(', ')}.</p>}
        </>
      }
      onConfirm={() =>
        remove.mutate(undefined, {
          onSuccess: () => {
            toast(`${name} is deleted.`)
            onRemoved()
          },
        })
      }
    />
  )
}

function Needed({
  plan,
  pipes,
}: {
  plan: ReturnType<typeof useRemovalPlan>
  pipes: readonly string[]
}) {
  if (plan.isError) return <ErrorBox error={plan.error} />
  if (plan.data === undefined) return <Loading label="Asking what depends on it" />
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p>
        It cannot be deleted while something needs it
        {pipes.length === 0 ? '' : `: ${pipes.join(', ')}`}. Change or delete that first.
      </p>
      <ErrorBox error={new Error(plan.data.error ?? 'The deployment failed.')} />
    </div>
  )
}
