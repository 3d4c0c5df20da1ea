import type { TokenBody } from '@sandpiper/contracts'
import { type SyntheticEvent, useId, useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { CopyButton } from '@/ui/code-block.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { TextField } from '@/ui/field.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { useCreateToken } from '../api/create-token.ts'
import { isComplete, scopesOf } from '../scope-types.ts'
import { FIRST_SCOPE, ScopeFields } from './scope-fields.tsx'

export function CreateTokenDialog({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<TokenBody | null>(null)
  return made === null ? (
    <TokenForm onClose={onClose} onMade={setMade} />
  ) : (
    <Dialog
      open
      onClose={onClose}
      title={`${made.name} is made`}
      actions={
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <p className="flex items-center gap-1 text-sm">
        <CopyButton text={made.token ?? ''} label="Copy the new token" />
        Copy its value now, or later from the list.
      </p>
    </Dialog>
  )
}

function TokenForm({
  onClose,
  onMade,
}: {
  onClose: () => void
  onMade: (token: TokenBody) => void
}) {
  const form = useId()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [scopes, setScopes] = useState([FIRST_SCOPE])
  const [rps, setRps] = useState('')
  const create = useCreateToken()
  const isReady = name.trim() !== '' && scopes.every(isComplete)
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    const limits: Record<string, number> = rps.trim() === '' ? {} : { rps: Number(rps) }
    create.mutate({ name, description, scopes: scopesOf(scopes), limits }, { onSuccess: onMade })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="New token"
      description={
        <>
          Rights of a static token have no row filter: for one customer’s rows make a JWT, on the
          page of an{' '}
          <PlaceLink to="endpoints" className="text-accent underline">
            endpoint
          </PlaceLink>
          .
        </>
      }
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form={form}
            busy={create.isPending}
            disabled={!isReady}
          >
            Create
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="flex flex-col gap-3">
        <TextField
          label="Name"
          required
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        <ScopeFields scopes={scopes} onChange={setScopes} />
        <TextField
          label="Requests per second"
          type="number"
          min={1}
          value={rps}
          onChange={(event) => setRps(event.target.value)}
          hint="More than that are refused with 429. Empty: as many as the workspace may."
        />
        {create.isError ? <ErrorBox error={create.error} /> : null}
      </form>
    </Dialog>
  )
}
