import clsx from 'clsx'
import { type ComponentProps, type ReactNode, useId } from 'react'

const CONTROL =
  'w-full rounded-md border border-line bg-surface px-2.5 text-sm text-ink placeholder:text-muted disabled:opacity-60'

interface LabelledProps {
  label: string
  /** Hidden from eyes, not from screen readers: where the place explains itself. */
  hideLabel?: boolean | undefined
  hint?: ReactNode
  error?: string | undefined
}

/** A text input with its label, hint and error, joined for screen readers. */
export function TextField({
  label,
  hideLabel,
  hint,
  error,
  className,
  ...props
}: LabelledProps & ComponentProps<'input'>) {
  const id = useId()
  return (
    <Labelled {...{ id, label, hideLabel, hint, error }}>
      <input
        {...props}
        id={id}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={`${id}-hint`}
        className={clsx(CONTROL, 'h-8', className)}
      />
    </Labelled>
  )
}

export function TextAreaField({
  label,
  hideLabel,
  hint,
  error,
  className,
  ...props
}: LabelledProps & ComponentProps<'textarea'>) {
  const id = useId()
  return (
    <Labelled {...{ id, label, hideLabel, hint, error }}>
      <textarea
        rows={4}
        {...props}
        id={id}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={`${id}-hint`}
        className={clsx(CONTROL, 'py-1.5 font-mono', className)}
      />
    </Labelled>
  )
}

export interface Option {
  value: string
  label: string
}

/** The browser's own select: reachable by keyboard and by thumb. */
export function SelectField({
  label,
  hideLabel,
  hint,
  error,
  options,
  className,
  ...props
}: LabelledProps & ComponentProps<'select'> & { options: readonly Option[] }) {
  const id = useId()
  return (
    <Labelled {...{ id, label, hideLabel, hint, error }}>
      <select
        {...props}
        id={id}
        aria-describedby={`${id}-hint`}
        className={clsx(CONTROL, 'h-8', className)}
      >
        {options.map(({ value, label: shown }) => (
          <option key={value} value={value}>
            {shown}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

export function CheckField({
  label,
  hint,
  ...props
}: { label: string; hint?: ReactNode } & ComponentProps<'input'>) {
  const id = useId()
  return (
    <div className="flex items-start gap-2">
      <input {...props} id={id} type="checkbox" className="mt-0.5 size-4 accent-accent" />
      <label htmlFor={id} className="text-sm">
        {label}
        {hint === undefined ? null : <span className="block text-xs text-muted">{hint}</span>}
      </label>
    </div>
  )
}

function Labelled({
  id,
  label,
  hideLabel = false,
  hint,
  error,
  children,
}: LabelledProps & { id: string; children: ReactNode }) {
  const below = error ?? hint
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-xs font-medium text-muted'}>
        {label}
      </label>
      {children}
      <div
        id={`${id}-hint`}
        className={clsx(
          'text-xs',
          error === undefined ? 'text-muted' : 'text-bad',
          below === undefined && 'hidden',
        )}
      >
        {below}
      </div>
    </div>
  )
}
