import { Filter } from 'lucide-react'

import { Dialog } from '@/ui/dialog.tsx'
import { IconButton } from '@/ui/icon-button.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'

import type { LogRow } from '../api/get-log-rows.ts'
import { type LogSourceName, logSource } from '../api/log-sources.ts'

interface LogRowDialogProps {
  source: LogSourceName
  row: LogRow
  onClose: () => void
  onFilter: (column: string, value: string) => void
}

/** Everything that one row says. */
export function LogRowDialog({ source, row, onClose, onFilter }: LogRowDialogProps) {
  const { label, time } = logSource(source)
  return (
    <Dialog
      open
      onClose={onClose}
      size="side"
      title={label}
      description={`${String(row[time])} UTC`}
    >
      <dl className="flex flex-col">
        {Object.entries(row).map(([name, value]) => (
          <div key={name} className="group border-b border-line py-2 last:border-0">
            <dt className="flex h-8 items-center gap-1 font-mono text-xs text-muted">
              {name}
              {typeof value === 'object' && value !== null ? null : (
                <IconButton
                  label={`Only rows with this ${name}`}
                  onClick={() => onFilter(name, textOf(value))}
                >
                  <Filter size={13} />
                </IconButton>
              )}
            </dt>
            <dd className="font-mono text-xs break-all whitespace-pre-wrap">
              <RowValue name={name} value={value} />
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}

/** Columns that name something with a page. */
const AREAS: Readonly<Record<string, string>> = {
  datasource_name: 'data-sources',
  pipe_name: 'pipes',
  job_id: 'jobs',
}

function RowValue({ name, value }: { name: string; value: unknown }) {
  const text = textOf(value)
  const area = AREAS[name]
  if (value === null) return <span className="text-muted">NULL</span>
  if (text === '') return <span className="text-muted">(empty)</span>
  if (area === undefined || text === 'query_api') return text
  return <PlaceLink to={`${area}/${encodeURIComponent(text)}`}>{text}</PlaceLink>
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : `${value as number}`
}
