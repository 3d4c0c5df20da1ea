import { type SyntheticEvent, useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { TextField } from '@/ui/field.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { isName } from '../edit-pipe.ts'

/** Asks for a name; the pipe begins as a draft. */
export function NewPipeDialog(props: {
  taken: readonly string[]
  onClose: () => void
  onDone: (name: string) => void
  busy: boolean
  error: unknown
}) {
  const { taken, onClose, onDone, busy, error } = props
  const [name, setName] = useState('')
  const problem = name === '' ? undefined : problemOf(name, taken)
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    if (name !== '' && problem === undefined) onDone(name)
  }
  return (
    <Dialog
      open
      title="New pipe"
      description="It is yours alone, as a draft, until you publish it."
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form="new-pipe"
            busy={busy}
            disabled={name === '' || problem !== undefined}
          >
            Create
          </Button>
        </>
      }
    >
      <form id="new-pipe" onSubmit={submit} className="flex flex-col gap-3">
        <TextField
          label="Name"
          value={name}
          error={problem}
          hint="Its endpoint will have this name."
          autoFocus
          spellCheck={false}
          autoComplete="off"
          onChange={({ target }) => setName(target.value)}
        />
        {error === null ? null : <ErrorBox error={error} />}
      </form>
    </Dialog>
  )
}

function problemOf(name: string, taken: readonly string[]): string | undefined {
  if (!isName(name)) return 'Letters, digits and underscores, not beginning with a digit.'
  return taken.includes(name) ? 'There is a pipe or data source of this name.' : undefined
}
