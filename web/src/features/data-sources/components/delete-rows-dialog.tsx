import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { useApi } from '@/lib/api-context.ts'
import { isRunning, useJob } from '@/lib/catalog/get-job.ts'
import { rowsText } from '@/lib/rows-text.ts'
import { Button } from '@/ui/button.tsx'
import { ConfirmByName } from '@/ui/confirm-by-name.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { TextField } from '@/ui/field.tsx'
import { Progress } from '@/ui/progress.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { useCountToDelete, useDeleteRows } from '../api/change-rows.ts'

export interface DeleteRowsDialogProps {
  name: string
  open: boolean
  onClose: () => void
}

/** A condition, how many rows it is true for, and the job that deletes them. */
export function DeleteRowsDialog({ name, open, onClose }: DeleteRowsDialogProps) {
  const [condition, setCondition] = useState('')
  const count = useCountToDelete(name)
  const remove = useDeleteRows(name)
  const [asking, setAsking] = useState(false)
  const rows = count.variables === condition ? count.data?.rows_to_be_deleted : undefined
  const close = (): void => {
    setCondition('')
    setAsking(false)
    count.reset()
    remove.reset()
    onClose()
  }
  return (
    <>
      <Dialog
        open={open && !asking}
        onClose={close}
        title={`Delete rows of ${name}`}
        actions={
          remove.data !== undefined ? (
            <Button onClick={close}>Close</Button>
          ) : (
            <>
              <Button
                busy={count.isPending}
                disabled={condition.trim() === ''}
                onClick={() => count.mutate(condition)}
              >
                Count
              </Button>
              <Button
                look="danger"
                disabled={rows === undefined || rows === 0}
                onClick={() => setAsking(true)}
              >
                Delete
              </Button>
            </>
          )
        }
      >
        {remove.data !== undefined ? (
          <DeleteProgress jobId={remove.data.id} />
        ) : (
          <div className="flex flex-col gap-3 text-sm">
            <TextField
              label="Condition"
              className="font-mono"
              placeholder="at < '2026-01-01' AND product = 'tea'"
              hint="SQL over the columns. Rows for which it is true are deleted; what is materialized from them stays."
              value={condition}
              onChange={({ target }) => setCondition(target.value)}
            />
            {rows === undefined ? null : <p role="status">{rowsText(rows)} will be deleted.</p>}
            {count.isError ? <ErrorBox error={count.error} /> : null}
          </div>
        )}
      </Dialog>
      <ConfirmByName
        open={open && asking}
        onClose={() => setAsking(false)}
        title={`Delete rows of ${name}`}
        name={name}
        action="Delete the rows"
        busy={remove.isPending}
        error={remove.error}
        loses={
          <p>
            {rowsText(rows ?? 0)} will be gone for good: those where{' '}
            <code className="break-all">{condition}</code>.
          </p>
        }
        onConfirm={() => remove.mutate(condition, { onSuccess: () => setAsking(false) })}
      />
    </>
  )
}

function DeleteProgress({ jobId }: { jobId: string }) {
  const api = useApi()
  const client = useQueryClient()
  const { data, error } = useJob(jobId)
  const over = data !== undefined && !isRunning(data)
  useEffect(() => {
    if (over) void client.invalidateQueries({ queryKey: [api.place] })
  }, [over, client, api.place])
  if (error !== null) return <ErrorBox error={error} />
  if (!over)
    return (
      <div role="status" className="flex flex-col gap-1.5 text-sm text-muted">
        <Progress
          label="Delete"
          ratio={data?.progress_percentage === undefined ? null : data.progress_percentage / 100}
        />
        Deleting
      </div>
    )
  if (data.status !== 'done')
    return <ErrorBox error={new Error(data.error ?? `The job was ${data.status}.`)} />
  return (
    <p role="status" className="text-sm">
      The rows are deleted.
    </p>
  )
}
