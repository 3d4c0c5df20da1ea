import { formatBytes, formatCount } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'

import type { DataSourceDetail } from '../api/get-data-source.ts'

/** One line of facts under the name. */
export function DataSourceFacts({ source }: { source: DataSourceDetail }) {
  const { description, engine, statistics, sorting_key, ttl, quarantine_rows } = source
  return (
    <div className="flex flex-col gap-1">
      {description === '' ? null : <p className="break-words">{description}</p>}
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs">
        <Badge>{engine.engine}</Badge>
        <span>{formatCount(statistics.row_count)} rows</span>
        <span>{formatBytes(statistics.bytes)}</span>
        {sorting_key === '' ? null : (
          <span>
            sorted by <code>{sorting_key}</code>
          </span>
        )}
        {ttl === '' ? null : (
          <span>
            TTL <code>{ttl}</code>
          </span>
        )}
        {quarantine_rows === 0 ? null : (
          <Badge tone="warn">{formatCount(quarantine_rows)} in quarantine</Badge>
        )}
      </p>
    </div>
  )
}
