import { type SyntheticEvent, useId, useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { TextAreaField, TextField } from '@/ui/field.tsx'
import { ErrorBox } from '@/ui/states.tsx'
import { useToast } from '@/ui/toast.tsx'

import { usePutVariable } from '../api/put-variable.ts'

/** Takes a value in; there is no way to see it again. @param name of the secret that gets another value. */
export function VariableDialog({ name: known, onClose }: { name?: string; onClose: () => void }) {
  const form = useId()
  const [name, setName] = useState(known ?? '')
  const [value, setValue] = useState('')
  const put = usePutVariable()
  const toast = useToast()
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    put.mutate(
      { name, value, replaces: known !== undefined },
      {
        onSuccess: () => {
          toast(`${name} is kept.`)
          onClose()
        },
      },
    )
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={known === undefined ? 'New secret' : `Another value for ${known}`}
      description="The value is sealed on the server and never shown again."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form={form}
            busy={put.isPending}
            disabled={name === '' || value === ''}
          >
            {known === undefined ? 'Create' : 'Replace'}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="flex flex-col gap-3">
        {known === undefined ? (
          <TextField
            label="Name"
            autoComplete="off"
            spellCheck={false}
            value={name}
            onChange={(event) => setName(event.target.value)}
            hint="Letters, digits and _; no digit first."
          />
        ) : null}
        <TextAreaField
          label="Value"
          autoComplete="off"
          spellCheck={false}
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
        {put.isError ? <ErrorBox error={put.error} /> : null}
      </form>
    </Dialog>
  )
}
