import type { SavedQuery } from '@sandpiper/contracts'
import { type SyntheticEvent, useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { TextField } from '@/ui/field.tsx'
import { ErrorBox } from '@/ui/states.tsx'

/** Under which name a query is saved. */
export function SaveDialog(props: {
  content: SavedQuery
  busy: boolean
  error: unknown
  onClose: () => void
  onSave: (content: SavedQuery) => void
}) {
  const { content, busy, error, onClose, onSave } = props
  const [name, setName] = useState(content.name === 'New query' ? '' : content.name)
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    if (name.trim() !== '') onSave({ ...content, name: name.trim() })
  }
  return (
    <Dialog
      open
      title="Save the query"
      description="Everybody who sees the whole workspace can open it by its link."
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form="save-query"
            busy={busy}
            disabled={name.trim() === ''}
          >
            Save
          </Button>
        </>
      }
    >
      <form id="save-query" onSubmit={submit} className="flex flex-col gap-3">
        <TextField
          label="Name"
          value={name}
          maxLength={256}
          autoFocus
          onChange={({ target }) => setName(target.value)}
        />
        {error === null ? null : <ErrorBox error={error} />}
      </form>
    </Dialog>
  )
}
