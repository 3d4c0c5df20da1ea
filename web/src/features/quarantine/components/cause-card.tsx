import type { QuarantineCause } from '@sandpiper/contracts'

import { formatAgo, formatCount } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'
import { Button } from '@/ui/button.tsx'
import { Card } from '@/ui/page.tsx'

/** Rows that were refused for one reason, with some of them as they came. */
export function CauseCard({
  cause: { column, cause, rows, last_seen, samples },
  onRecover,
}: {
  cause: QuarantineCause
  /** Absent where the token may not. */
  onRecover: (() => void) | undefined
}) {
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          <Badge tone="warn">{formatCount(rows)}</Badge>
          <span className="truncate font-mono">{column === '' ? 'the whole line' : column}</span>
        </span>
      }
      actions={
        onRecover === undefined ? null : (
          <Button
            aria-label={`Recover these: rows refused at ${column === '' ? 'the whole line' : column}`}
            onClick={onRecover}
          >
            Recover these
          </Button>
        )
      }
    >
      <p className="text-sm break-words">{cause}</p>
      <p className="mb-2 text-xs text-muted">last {formatAgo(last_seen)}</p>
      <ul className="flex flex-col gap-2" aria-label="Examples">
        {samples.map(({ raw, error, insertion_date }, at) => (
          <li key={at} className="rounded-md bg-canvas p-2 text-xs">
            <pre className="font-mono break-all whitespace-pre-wrap">
              {raw ?? '(the line was not kept)'}
            </pre>
            <p className="mt-1 break-words text-bad">{error}</p>
            <p className="mt-0.5 text-muted">{formatAgo(insertion_date)}</p>
          </li>
        ))}
      </ul>
    </Card>
  )
}
