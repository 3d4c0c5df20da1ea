import type { ColumnBody } from '@sandpiper/contracts'

import { formatCount, formatPercent } from '@/lib/format.ts'

import type { ColumnProfile } from '../api/get-profile.ts'
import { profileKind } from '../profile-sql.ts'
import { Histogram } from './histogram.tsx'

/** Nulls, distinct values, the range, the most frequent values and how numbers are spread. */
export function ProfileView({ profile, column }: { profile: ColumnProfile; column: ColumnBody }) {
  const { rows, nulls, distinct, low, high, mean, bins, top } = profile
  const kind = profileKind(column.type)
  const facts: readonly (readonly [string, string])[] = [
    ['NULL', `${formatCount(nulls)} (${formatPercent(rows === 0 ? 0 : nulls / rows)})`],
    ...(distinct === null ? [] : [['Distinct', `≈ ${formatCount(distinct)}`] as const]),
    ...(low === null ? [] : [['Min', low] as const]),
    ...(high === null ? [] : [['Max', high] as const]),
    ...(mean === null ? [] : [['Mean', formatCount(mean)] as const]),
  ]
  return (
    <div className="grid min-w-0 gap-3 sm:grid-cols-2">
      <dl className="grid grid-cols-[auto_1fr] content-start gap-x-3 gap-y-0.5 text-xs">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="truncate font-mono" title={value}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <div className="min-w-0">
        {bins.length > 1 ? (
          <Histogram bins={bins} isTime={kind === 'time'} label={`Spread of ${column.name}`} />
        ) : (
          <TopValues top={top} rows={rows} label={`Most frequent values of ${column.name}`} />
        )}
      </div>
    </div>
  )
}

function TopValues({
  top,
  rows,
  label,
}: {
  top: ColumnProfile['top']
  rows: number
  label: string
}) {
  return (
    <ol aria-label={label} className="flex flex-col gap-0.5 text-xs">
      {top.map(({ value, rows: count }) => (
        <li key={value} className="relative flex gap-2 overflow-hidden rounded px-1.5 py-0.5">
          <span
            aria-hidden
            className="absolute inset-y-0 left-0 rounded bg-accent-soft"
            style={{ width: `${rows === 0 ? 0 : (100 * count) / rows}%` }}
          />
          <span className="relative min-w-0 flex-1 truncate font-mono" title={value}>
            {value === '' ? '(empty)' : value}
          </span>
          <span className="relative tabular-nums">{formatCount(count)}</span>
        </li>
      ))}
    </ol>
  )
}
