import clsx from 'clsx'
import type { ComponentProps } from 'react'

import { Tooltip } from './tooltip.tsx'

export interface IconButtonProps extends ComponentProps<'button'> {
  /** What it does: its name for everybody, and its tooltip. */
  label: string
}

export function IconButton({ label, className, ...props }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        {...props}
        className={clsx(
          'inline-flex size-8 items-center justify-center rounded-md text-muted hover:bg-raised hover:text-ink disabled:opacity-50',
          className,
        )}
      />
    </Tooltip>
  )
}
