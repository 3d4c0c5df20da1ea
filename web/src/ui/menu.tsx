import clsx from 'clsx'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

export interface MenuItem {
  label: ReactNode
  onSelect: () => void
  danger?: boolean
  disabled?: boolean
}

export function Menu({
  trigger,
  items,
  align = 'end',
}: {
  /** One element that takes a ref: a Button or an IconButton. */
  trigger: ReactNode
  items: readonly MenuItem[]
  align?: 'start' | 'end'
}) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={4}
          className="z-50 max-h-[60vh] min-w-44 overflow-auto rounded-md border border-line bg-surface p-1 shadow-lg"
        >
          {items.map(({ label, onSelect, danger = false, disabled = false }, at) => (
            <Radix.Item
              key={at}
              disabled={disabled}
              onSelect={onSelect}
              className={clsx(
                'cursor-default rounded px-2 py-1.5 text-sm outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-raised',
                danger && 'text-bad',
              )}
            >
              {label}
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
