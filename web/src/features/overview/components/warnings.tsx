import { formatCount } from '@/lib/format.ts'
import { PlaceLink } from '@/ui/place-link.tsx'

import { useQuarantine } from '../api/get-quarantine.ts'

/** Data sources that refuse far more than usual, now. */
export function Warnings() {
  const open = (useQuarantine().data ?? []).filter(({ breaker }) => breaker.state === 'open')
  if (open.length === 0) return null
  return (
    <ul role="status" aria-label="Warnings" className="flex flex-col gap-2">
      {open.map(({ datasource: { name }, breaker }) => (
        <li key={name} className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          <PlaceLink
            to={`data-sources/${encodeURIComponent(name)}`}
            search={{ tab: 'quarantine' }}
            className="font-medium underline"
          >
            {name}
          </PlaceLink>{' '}
          refuses {formatCount(breaker.invalid_rows)} of {formatCount(breaker.rows)} rows a minute
          {breaker.top_cause === null ? '' : `: ${breaker.top_cause}`}. They are kept in its
          quarantine and can be replayed.
        </li>
      ))}
    </ul>
  )
}
