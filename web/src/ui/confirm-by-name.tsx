import { type ReactNode, useState } from 'react'

import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { ErrorBox } from './states.tsx'
import { TextField } from './field.tsx'

export interface ConfirmByNameProps {
  open: boolean
  onClose: () => void
  title: string
  /** What has to be typed. */
  name: string
  /** What will be lost, exactly. */
  loses: ReactNode
  /** The verb on the button. */
  action: string
  onConfirm: () => void
  busy?: boolean
  error?: unknown
}

/** For what cannot be taken back: the button works only when the thing's name was typed. */
export function ConfirmByName(props: ConfirmByNameProps) {
  const [typed, setTyped] = useState('')
  const { open, onClose, title, name, loses, action, onConfirm, busy = false, error } = props
  const close = (): void => {
    setTyped('')
    onClose()
  }
  return (
    <Dialog
      open={open}
      onClose={close}
      title={title}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="danger" busy={busy} disabled={typed !== name} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <div className="text-sm">{loses}</div>
        <TextField
          label={`Type ${name} to confirm`}
          value={typed}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
        {error === undefined || error === null ? null : <ErrorBox error={error} />}
      </div>
    </Dialog>
  )
}
