import type { HealPreviewBody } from '@sandpiper/contracts'

import { formatCount } from '@/lib/format.ts'

/** What a replay would do: rows that come in with what they become, and why others stay. */
export function PreviewView({ preview }: { preview: HealPreviewBody }) {
  const { rows, examined, recovered, remaining, causes, samples } = preview
  return (
    <div role="status" className="flex flex-col gap-3 text-sm">
      <p>
        <strong className="font-semibold">{formatCount(recovered)}</strong> of{' '}
        {formatCount(examined)} rows come in, {formatCount(remaining)} stay.
        {examined < rows ? ` ${formatCount(rows)} are selected; the first of them were tried.` : ''}
      </p>
      {samples.recovered.length === 0 ? null : (
        <ul aria-label="Rows that come in" className="flex flex-col gap-2">
          {samples.recovered.map(({ raw, row }, at) => (
            <li key={at} className="rounded-md bg-good-soft p-2 font-mono text-xs break-all">
              <p className="text-muted">{raw}</p>
              <p className="text-good">→ {row}</p>
            </li>
          ))}
        </ul>
      )}
      {causes.length === 0 ? null : (
        <>
          <p>Why rows stay:</p>
          <ul aria-label="Why rows stay" className="flex flex-col gap-1">
            {causes.map(({ column, cause, rows: count }) => (
              <li key={`${column} ${cause}`} className="text-xs break-words">
                <span className="font-medium tabular-nums">{formatCount(count)}</span>{' '}
                {column === '' ? '' : <code>{column}</code>} {cause}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
