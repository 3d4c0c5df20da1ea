import type { JobBody } from '@sandpiper/contracts'
import { useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { useCancelJob } from '../api/cancel-job.ts'

export function CancelButton({ job }: { job: JobBody }) {
  const [open, setOpen] = useState(false)
  const cancel = useCancelJob()
  const close = (): void => {
    cancel.reset()
    setOpen(false)
  }
  if (!job.is_cancellable && !open) return null
  return (
    <>
      <Button onClick={() => setOpen(true)}>Cancel job</Button>
      <Dialog
        open={open}
        onClose={close}
        title={`Cancel this ${job.kind}`}
        actions={
          <>
            <Button onClick={close}>Let it run</Button>
            <Button
              look="danger"
              busy={cancel.isPending}
              onClick={() => cancel.mutate(job.id, { onSuccess: close })}
            >
              Cancel job
            </Button>
          </>
        }
      >
        <div className="flex flex-col gap-3 text-sm">
          <p>It stops where it is. What it has already done stays done.</p>
          {cancel.isError ? <ErrorBox error={cancel.error} /> : null}
        </div>
      </Dialog>
    </>
  )
}
