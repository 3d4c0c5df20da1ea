import type { DeploymentBody } from '@sandpiper/contracts'
import { useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { ConfirmByName } from '@/ui/confirm-by-name.tsx'
import { useToast } from '@/ui/toast.tsx'

import { canDiscard, canPromote } from '../api/deployment-state.ts'
import { useDiscardDeployment } from '../api/discard-deployment.ts'
import { PromoteDialog } from './promote-dialog.tsx'

/** Promote and discard, where the server would do them. */
export function DeploymentActions({
  deployment,
  all,
}: {
  deployment: DeploymentBody
  all: readonly DeploymentBody[]
}) {
  const [asked, setAsked] = useState<'promote' | 'discard' | null>(null)
  const close = (): void => setAsked(null)
  return (
    <div className="flex justify-end gap-2">
      {canPromote(deployment, all) ? (
        <Button look="primary" onClick={() => setAsked('promote')}>
          Promote
        </Button>
      ) : null}
      {canDiscard(deployment, all) ? (
        <Button onClick={() => setAsked('discard')}>Discard</Button>
      ) : null}
      <PromoteDialog deployment={deployment} open={asked === 'promote'} onClose={close} />
      <DiscardDialog id={deployment.id} open={asked === 'discard'} onClose={close} />
    </div>
  )
}

function DiscardDialog({ id, open, onClose }: { id: string; open: boolean; onClose: () => void }) {
  const discard = useDiscardDeployment()
  const toast = useToast()
  const confirm = (): void =>
    discard.mutate(id, {
      onSuccess: () => {
        toast(`Deployment #${id} is discarded.`)
        onClose()
      },
    })
  return (
    <ConfirmByName
      open={open}
      onClose={onClose}
      title={`Discard deployment #${id}`}
      name={`#${id}`}
      loses="Its tables and the rows that were filled into them are removed. What is live stays as it is, and so do the rows that arrive."
      action="Discard"
      onConfirm={confirm}
      busy={discard.isPending}
      error={discard.error}
    />
  )
}
