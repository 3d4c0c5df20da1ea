import type { DeploymentBody } from '@sandpiper/contracts'

import { Button } from '@/ui/button.tsx'
import { ConfirmByName } from '@/ui/confirm-by-name.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { ErrorBox } from '@/ui/states.tsx'
import { useToast } from '@/ui/toast.tsx'

import { usePromoteDeployment } from '../api/promote-deployment.ts'
import { ChangeList } from './change-list.tsx'

interface PromoteProps {
  deployment: DeploymentBody
  open: boolean
  onClose: () => void
}

/** Shows what becomes live; one that removes data sources has to be confirmed by its number. */
export function PromoteDialog({ deployment, open, onClose }: PromoteProps) {
  const promote = usePromoteDeployment()
  const toast = useToast()
  const { id, deleted_datasource_names: lost } = deployment
  const confirm = (): void =>
    promote.mutate(id, {
      onSuccess: () => {
        toast(`Deployment #${id} is live.`)
        onClose()
      },
    })
  const shared = { open, onClose, title: `Make deployment #${id} live` }
  if (lost.length > 0)
    return (
      <ConfirmByName
        {...shared}
        name={`#${id}`}
        loses={
          <>
            <p className="mb-2">
              These data sources are removed, with all their rows: {lost.join(', ')}.
            </p>
            <ChangeList deployment={deployment} />
          </>
        }
        action="Promote"
        onConfirm={confirm}
        busy={promote.isPending}
        error={promote.error}
      />
    )
  return (
    <Dialog
      {...shared}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={promote.isPending} onClick={confirm}>
            Promote
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        <p>
          Requests that begin from then on are answered by it. Rows keep arriving all the while.
        </p>
        <ChangeList deployment={deployment} />
        {promote.isError ? <ErrorBox error={promote.error} /> : null}
      </div>
    </Dialog>
  )
}
