import clsx from 'clsx'
import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

import { IconButton } from './icon-button.tsx'

export interface DialogProps {
  open: boolean
  onClose: () => void
  title: string
  description?: ReactNode
  /** `side` for what is read beside the page, `wide` for editors and diffs. */
  size?: 'normal' | 'wide' | 'side'
  children: ReactNode
  /** Buttons at the bottom right. */
  actions?: ReactNode
}

const SIZES = {
  normal: 'top-[12vh] left-1/2 max-h-[76vh] w-[min(32rem,94vw)] -translate-x-1/2 rounded-lg',
  wide: 'top-[6vh] left-1/2 max-h-[88vh] w-[min(64rem,96vw)] -translate-x-1/2 rounded-lg',
  side: 'top-0 right-0 h-full w-[min(34rem,100vw)]',
}

export function Dialog(props: DialogProps) {
  const { open, onClose, title, description, size = 'normal', children, actions } = props
  return (
    <Radix.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Radix.Content
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          onOpenAutoFocus={focusFirstField}
          className={clsx(
            'fixed z-40 flex flex-col border outline-none border-line bg-surface shadow-xl',
            SIZES[size],
          )}
        >
          <header className="flex items-start gap-3 border-b border-line px-4 py-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
              {description === undefined ? null : (
                <Radix.Description asChild>
                  <div className="mt-0.5 text-sm text-muted">{description}</div>
                </Radix.Description>
              )}
            </div>
            <IconButton label="Close" onClick={onClose}>
              <X size={16} />
            </IconButton>
          </header>
          <div data-body className="min-h-0 flex-1 overflow-auto px-4 py-3">
            {children}
          </div>
          {actions === undefined ? null : (
            <footer className="flex justify-end gap-2 border-t border-line px-4 py-3">
              {actions}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

const FIELDS = ['input', 'select', 'textarea', '[contenteditable="true"]']
  .map((each) => `[data-body] ${each}:not([disabled])`)
  .join()

/** Into the first field; without one to the dialog itself, so that the first Escape closes it and no tooltip of a button. */
function focusFirstField(event: Event): void {
  event.preventDefault()
  const dialog = event.currentTarget
  if (!(dialog instanceof HTMLElement)) return
  const first = dialog.querySelector<HTMLElement>(FIELDS) ?? dialog
  first.focus()
}
