import type { ReactNode } from 'react'

/** One number with its name; `link` leads to where it comes from. */
export function Stat({
  label,
  value,
  note,
  link,
}: {
  label: string
  value: ReactNode
  note?: ReactNode
  link?: ReactNode
}) {
  return (
    <div className="flex flex-col gap-0.5 rounded-lg border border-line bg-surface px-4 py-3">
      <span className="text-xs text-muted">{label}</span>
      <span className="text-2xl font-semibold tabular-nums">{value}</span>
      {note === undefined ? null : <span className="text-xs text-muted">{note}</span>}
      {link === undefined ? null : <span className="text-xs text-accent">{link}</span>}
    </div>
  )
}
