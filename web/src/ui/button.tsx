import clsx from 'clsx'
import type { ComponentProps } from 'react'

export interface ButtonProps extends ComponentProps<'button'> {
  look?: 'primary' | 'plain' | 'quiet' | 'danger'
  /** Shown as busy, and not pressable. */
  busy?: boolean
}

const LOOKS = {
  primary: 'bg-accent text-accent-ink border-transparent hover:brightness-95',
  plain: 'bg-surface text-ink border-line hover:bg-raised',
  quiet: 'bg-transparent text-ink border-transparent hover:bg-raised',
  danger: 'bg-bad-soft text-bad border-transparent hover:brightness-95',
}

export const buttonClass = (look: keyof typeof LOOKS = 'plain'): string =>
  clsx(
    'inline-flex h-8 items-center justify-center gap-1.5 rounded-md border px-3 text-sm font-medium whitespace-nowrap',
    'disabled:cursor-not-allowed disabled:opacity-50',
    LOOKS[look],
  )

export function Button({ look = 'plain', busy = false, className, ...props }: ButtonProps) {
  return (
    <button
      type="button"
      {...props}
      disabled={props.disabled === true || busy}
      aria-busy={busy || undefined}
      className={clsx(buttonClass(look), className)}
    />
  )
}
