import type { TokenBody } from '@sandpiper/contracts'
import { Ellipsis } from 'lucide-react'
import { useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { ConfirmByName } from '@/ui/confirm-by-name.tsx'
import { Menu } from '@/ui/menu.tsx'
import { useToast } from '@/ui/toast.tsx'

import { useRefreshToken } from '../api/refresh-token.ts'
import { useRemoveToken } from '../api/remove-token.ts'
import { EditTokenDialog } from './edit-token-dialog.tsx'

type Asked = 'change' | 'refresh' | 'delete' | null

/** What may be done with a token by the server's rules; nothing with one that holds more than the caller's. */
export function TokenMenu({ token }: { token: TokenBody }) {
  const [asked, setAsked] = useState<Asked>(null)
  if (token.token === undefined) return null
  const close = (): void => setAsked(null)
  return (
    <>
      <Menu
        trigger={
          <Button look="quiet" aria-label={`Actions for ${token.name}`}>
            <Ellipsis size={16} aria-hidden />
          </Button>
        }
        items={[
          // What manages tokens takes no limits, and what a datafile says is changed there.
          ...(token.origin.type === 'C' || !isManager(token)
            ? [{ label: 'Change', onSelect: () => setAsked('change') }]
            : []),
          { label: 'Refresh', onSelect: () => setAsked('refresh') },
          // Those of datafiles and of the workspace go another way.
          ...(token.origin.type === 'C'
            ? [{ label: 'Delete', danger: true, onSelect: () => setAsked('delete') }]
            : []),
        ]}
      />
      {asked === 'change' ? <EditTokenDialog token={token} onClose={close} /> : null}
      <RefreshDialog token={token} open={asked === 'refresh'} onClose={close} />
      <DeleteDialog token={token} open={asked === 'delete'} onClose={close} />
    </>
  )
}

function isManager({ scopes }: TokenBody): boolean {
  return scopes.some(({ type }) => ['ADMIN', 'ADMIN_USER', 'TOKENS'].includes(type))
}

interface DialogProps {
  token: TokenBody
  open: boolean
  onClose: () => void
}

function RefreshDialog({ token, open, onClose }: DialogProps) {
  const refresh = useRefreshToken()
  const toast = useToast()
  const { name, origin } = token
  return (
    <ConfirmByName
      open={open}
      onClose={onClose}
      title={`Refresh ${name}`}
      name={name}
      loses={
        <>
          Its value stops working at once: whoever uses it gets 403 until they have the new one.
          {origin.type === 'W' ? ' JWTs that were signed with it stop working, too.' : ''}
        </>
      }
      action="Refresh"
      onConfirm={() =>
        refresh.mutate(token, {
          onSuccess: () => {
            toast(`${name} has a new value.`)
            onClose()
          },
        })
      }
      busy={refresh.isPending}
      error={refresh.error}
    />
  )
}

function DeleteDialog({ token: { id, name }, open, onClose }: DialogProps) {
  const remove = useRemoveToken()
  const toast = useToast()
  return (
    <ConfirmByName
      open={open}
      onClose={onClose}
      title={`Delete ${name}`}
      name={name}
      loses="Whoever uses this token gets 403 from now on. It cannot be brought back."
      action="Delete"
      onConfirm={() =>
        remove.mutate(id, {
          onSuccess: () => {
            toast(`${name} is deleted.`)
            onClose()
          },
        })
      }
      busy={remove.isPending}
      error={remove.error}
    />
  )
}
