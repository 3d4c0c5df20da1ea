import { type ReactNode, type SyntheticEvent, useId, useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { TextField } from '@/ui/field.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { isReady, type TokenDraft } from '../token-draft.ts'
import { LimitFields } from './limit-fields.tsx'
import { ScopeFields } from './scope-fields.tsx'

export interface TokenFormProps {
  title: string
  about: ReactNode
  /** What stands in the fields at first. */
  begin: TokenDraft
  /** False for tokens of datafiles: they take limits only. */
  isByHand: boolean
  /** The verb on the button. */
  action: string
  busy: boolean
  error: unknown
  onClose: () => void
  onSubmit: (draft: TokenDraft) => void
}

/** Name, rights and limits of a token, new or changed. */
export function TokenForm(props: TokenFormProps) {
  const { title, about, begin, isByHand, action, busy, error, onClose, onSubmit } = props
  const form = useId()
  const [draft, setDraft] = useState(begin)
  const change = (changed: Partial<TokenDraft>): void => setDraft({ ...draft, ...changed })
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    onSubmit(draft)
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      description={about}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={form} busy={busy} disabled={!isReady(draft)}>
            {action}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="flex flex-col gap-3">
        {isByHand ? (
          <>
            <TextField
              label="Name"
              required
              autoComplete="off"
              value={draft.name}
              onChange={({ target }) => change({ name: target.value })}
            />
            <TextField
              label="Description"
              value={draft.description}
              onChange={({ target }) => change({ description: target.value })}
            />
            <ScopeFields scopes={draft.scopes} onChange={(scopes) => change({ scopes })} />
          </>
        ) : null}
        <LimitFields limits={draft.limits} onChange={(limits) => change({ limits })} />
        {error === null || error === undefined ? null : <ErrorBox error={error} />}
      </form>
    </Dialog>
  )
}
