import type { TokenBody } from '@sandpiper/contracts'

import { useToast } from '@/ui/toast.tsx'

import { useUpdateToken } from '../api/update-token.ts'
import { draftOf, tokenOf } from '../token-draft.ts'
import { TokenForm } from './token-form.tsx'

/** Changes a token; its value stays, so whoever has it goes on with the new rights. */
export function EditTokenDialog({ token, onClose }: { token: TokenBody; onClose: () => void }) {
  const update = useUpdateToken(token.id)
  const toast = useToast()
  const isByHand = token.origin.type === 'C'
  return (
    <TokenForm
      title={`Change ${token.name}`}
      about={
        isByHand
          ? 'Its value stays. The new rights hold from the next request on.'
          : 'Its rights stand in a datafile: change them there and publish. Limits are kept by publications.'
      }
      begin={draftOf(token)}
      isByHand={isByHand}
      action="Save"
      busy={update.isPending}
      error={update.error}
      onClose={onClose}
      onSubmit={(draft) => {
        const { limits, ...others } = tokenOf(draft)
        update.mutate(isByHand ? { ...others, limits } : { limits }, {
          onSuccess: ({ name }) => {
            toast(`${name} is changed.`)
            onClose()
          },
        })
      }}
    />
  )
}
