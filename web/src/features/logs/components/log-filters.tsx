import { Plus, X } from 'lucide-react'
import { type SyntheticEvent, useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { SelectField, TextField } from '@/ui/field.tsx'
import { IconButton } from '@/ui/icon-button.tsx'

import { FILTER_OPS, type LogFilter } from '../api/log-search.ts'

interface LogFiltersProps {
  /** Names of the columns that can be filtered by. */
  columns: readonly string[]
  filters: readonly LogFilter[]
  onChange: (filters: LogFilter[]) => void
}

/** Filters by column, all of which have to hold. */
export function LogFilters({ columns, filters, onChange }: LogFiltersProps) {
  const [open, setOpen] = useState(false)
  return (
    <div className="flex flex-wrap items-end gap-2">
      {filters.map((filter, at) => (
        <span
          key={at}
          className="inline-flex items-center rounded-md border border-line bg-surface pl-2 text-sm"
        >
          <span className="max-w-80 truncate">
            <span className="text-muted">
              {filter.column} {filter.op}
            </span>{' '}
            {filter.value === '' ? '(empty)' : filter.value}
          </span>
          <IconButton
            label={`Remove the filter ${filter.column} ${filter.op} ${filter.value}`}
            onClick={() => onChange(filters.filter((_, each) => each !== at))}
          >
            <X size={14} />
          </IconButton>
        </span>
      ))}
      {open ? (
        <NewFilter
          columns={columns}
          onClose={() => setOpen(false)}
          onAdd={(filter) => {
            onChange([...filters, filter])
            setOpen(false)
          }}
        />
      ) : (
        <Button look="quiet" onClick={() => setOpen(true)}>
          <Plus size={14} aria-hidden />
          Filter
        </Button>
      )}
    </div>
  )
}

function NewFilter(props: {
  columns: readonly string[]
  onAdd: (filter: LogFilter) => void
  onClose: () => void
}) {
  const { columns, onAdd, onClose } = props
  const [column, setColumn] = useState(columns[0] ?? '')
  const [op, setOp] = useState<LogFilter['op']>('is')
  const [value, setValue] = useState('')
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    onAdd({ column, op, value })
  }
  return (
    <form aria-label="New filter" onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <SelectField
        label="Column"
        options={columns.map((name) => ({ value: name, label: name }))}
        value={column}
        onChange={(event) => setColumn(event.target.value)}
      />
      <SelectField
        label="How"
        options={FILTER_OPS.map((name) => ({ value: name, label: name }))}
        value={op}
        onChange={(event) => setOp(event.target.value as LogFilter['op'])}
      />
      <TextField label="Value" value={value} onChange={(event) => setValue(event.target.value)} />
      <Button type="submit" look="primary">
        Add
      </Button>
      <Button onClick={onClose}>Cancel</Button>
    </form>
  )
}
