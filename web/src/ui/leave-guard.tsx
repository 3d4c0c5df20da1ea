import { useBlocker } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

export interface LeaveGuardProps {
  /** Whether something would be lost; asked when somebody leaves. */
  isUnsaved: () => boolean
  /** Whether the page still shows what is edited with these values behind the `?`. Default: with any. */
  stays?: (search: object) => boolean
  /** What would be lost. */
  loses: ReactNode
  /** Tried before anybody is asked. */
  save?: () => Promise<void>
}

/** Asks before unsaved work is lost: inside the console by a dialog, before the tab closes or loads anew in the browser's own words. */
export function LeaveGuard({ isUnsaved, stays = () => true, loses, save }: LeaveGuardProps) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: async ({ current, next }) => {
      if (!isUnsaved()) return false
      if (next.pathname === current.pathname && stays(next.search)) return false
      await save?.()
      return isUnsaved()
    },
    enableBeforeUnload: isUnsaved,
    withResolver: true,
  })
  const stay = (): void => reset?.()
  return (
    <Dialog
      open={status === 'blocked'}
      onClose={stay}
      title="Leave without saving?"
      actions={
        <>
          <Button look="danger" onClick={() => proceed?.()}>
            Leave, and lose the changes
          </Button>
          <Button look="primary" onClick={stay}>
            Stay here
          </Button>
        </>
      }
    >
      <p className="text-sm">{loses}</p>
    </Dialog>
  )
}
