import type { TokenBody } from '@sandpiper/contracts'
import { useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { CopyButton } from '@/ui/code-block.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'

import { useCreateToken } from '../api/create-token.ts'
import { EMPTY_TOKEN, tokenOf } from '../token-draft.ts'
import { TokenForm } from './token-form.tsx'

export function CreateTokenDialog({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<TokenBody | null>(null)
  const create = useCreateToken()
  if (made === null)
    return (
      <TokenForm
        title="New token"
        about={
          <>
            Rights of a static token have no row filter: for one customer’s rows make a JWT, on the
            page of an{' '}
            <PlaceLink to="endpoints" className="text-accent underline">
              endpoint
            </PlaceLink>
            .
          </>
        }
        begin={EMPTY_TOKEN}
        isByHand
        action="Create"
        busy={create.isPending}
        error={create.error}
        onClose={onClose}
        onSubmit={(draft) => create.mutate(tokenOf(draft), { onSuccess: setMade })}
      />
    )
  return (
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
