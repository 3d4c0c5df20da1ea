import type { ColumnBody } from '@sandpiper/contracts'

import { Dialog } from '@/ui/dialog.tsx'
import { CopyButton } from '@/ui/code-block.tsx'

export type Row = Readonly<Record<string, unknown>>

/** One row with its whole values, as text. */
export function RowDialog({
  row,
  columns,
  onClose,
}: {
  row: Row | null
  columns: readonly ColumnBody[]
  onClose: () => void
}) {
  const text = row === null ? '' : JSON.stringify(row, null, 2)
  return (
    <Dialog
      open={row !== null}
      onClose={onClose}
      title="Row"
      size="side"
      actions={<CopyButton text={text} label="Copy the row as JSON" />}
    >
      <dl className="flex flex-col gap-3">
        {Object.entries(row ?? {}).map(([name, value]) => (
          <div key={name}>
            <dt className="flex gap-2 text-xs">
              <span className="font-medium break-all">{name}</span>
              <span className="text-muted">{typeOf(columns, name)}</span>
            </dt>
            <dd className="mt-0.5 rounded bg-canvas px-2 py-1 font-mono text-xs break-words whitespace-pre-wrap">
              {wholeText(value)}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}

function typeOf(columns: readonly ColumnBody[], name: string): string {
  return columns.find((each) => each.name === name)?.type ?? ''
}

function wholeText(value: unknown): string {
  if (value === null) return 'NULL'
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}
