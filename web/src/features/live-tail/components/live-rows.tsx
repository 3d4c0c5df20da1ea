import clsx from 'clsx'
import { useState } from 'react'

import { Badge } from '@/ui/badge.tsx'

import type { LiveRow } from '../tail-rows.ts'

/** Newest first; a click shows an event whole. */
export function LiveRows({ label, rows }: { label: string; rows: readonly LiveRow[] }) {
  const [open, setOpen] = useState<number | null>(null)
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="max-h-[36rem] overflow-auto rounded-md border border-line bg-surface"
    >
      <ol className="font-mono text-xs">
        {rows.map((row) => (
          <LiveRowItem
            key={row.id}
            row={row}
            isOpen={open === row.id}
            onToggle={() => setOpen(open === row.id ? null : row.id)}
          />
        ))}
      </ol>
    </div>
  )
}

function LiveRowItem({
  row: { at, text, isRefused, reasons },
  isOpen,
  onToggle,
}: {
  row: LiveRow
  isOpen: boolean
  onToggle: () => void
}) {
  return (
    <li className={clsx('border-b border-line/60', isRefused && 'bg-warn-soft')}>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={onToggle}
        className="flex w-full items-baseline gap-2 px-2 py-1 text-left hover:bg-raised/60"
      >
        <span className="shrink-0 text-muted">{timeOf(at)}</span>
        {isRefused ? <Badge tone="warn">refused</Badge> : null}
        <span className={clsx('min-w-0 flex-1', isOpen ? 'break-all' : 'truncate')}>{text}</span>
      </button>
      {reasons.map((reason, each) => (
        <p key={each} className="px-2 pb-1 pl-24 break-words text-warn">
          {reason}
        </p>
      ))}
    </li>
  )
}

function timeOf(at: string): string {
  return /[T ](\d\d:\d\d:\d\d(?:\.\d{1,3})?)/.exec(at)?.[1] ?? at
}
