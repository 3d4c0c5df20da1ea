import { type SyntheticEvent, useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { TextField } from '@/ui/field.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { useCreateBranch } from '../api/create-branch.ts'

export function NewBranch() {
  const [name, setName] = useState('')
  const create = useCreateBranch()
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    create.mutate(name.trim(), { onSuccess: () => setName('') })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <div className="flex items-end gap-2">
        <TextField
          label="New branch"
          placeholder="letters, digits and _"
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" look="primary" busy={create.isPending} disabled={name.trim() === ''}>
          Create branch
        </Button>
      </div>
      {create.isError ? <ErrorBox error={create.error} /> : null}
    </form>
  )
}
