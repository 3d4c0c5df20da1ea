import type { UseQueryResult } from '@tanstack/react-query'
import clsx from 'clsx'
import type { ReactNode } from 'react'

import { isForbidden } from '@/lib/api-error.ts'
import { PlaceLink } from '@/ui/place-link.tsx'
import { messageOf } from '@/ui/states.tsx'

import { Sparkline } from './sparkline.tsx'

export interface TileFigures {
  value: ReactNode
  note?: ReactNode
  tone?: 'bad' | 'warn'
  line?: readonly (number | null)[]
}

export interface TileProps<Value> {
  label: string
  /** Where the number comes from. */
  to: string
  search?: Readonly<Record<string, unknown>>
  query: UseQueryResult<Value>
  figures: (value: Value) => TileFigures
}

/** One number that leads to where it comes from. What the token may not see says so and hides nothing else. */
export function Tile<Value>({ label, to, search, query, figures }: TileProps<Value>) {
  const { value, note, tone, line } = figuresOf(query, figures)
  return (
    <PlaceLink
      to={to}
      {...(search === undefined ? {} : { search })}
      className="flex min-w-0 flex-col gap-0.5 rounded-lg border border-line bg-surface px-4 py-3 hover:border-accent"
    >
      <span className="text-xs text-muted">{label}</span>
      <span
        className={clsx(
          'text-xl font-semibold tabular-nums lg:text-2xl',
          tone === 'bad' && 'text-bad',
          tone === 'warn' && 'text-warn',
        )}
      >
        {value}
      </span>
      <span className="min-h-4 truncate text-xs text-muted">{note}</span>
      {line === undefined ? null : <Sparkline values={line} />}
    </PlaceLink>
  )
}

function figuresOf<Value>(
  { data, isError, error }: UseQueryResult<Value>,
  figures: (value: Value) => TileFigures,
): TileFigures {
  if (data !== undefined) return figures(data)
  if (!isError) return { value: '…', note: 'Loading' }
  return { value: '–', note: isForbidden(error) ? 'Not for this token' : messageOf(error) }
}
