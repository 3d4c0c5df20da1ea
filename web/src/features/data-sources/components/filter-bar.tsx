import type { ColumnBody } from '@sandpiper/contracts'
import { Filter, X } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type SyntheticEvent, useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { SelectField, TextField } from '@/ui/field.tsx'

import { type Operator, OPERATORS, type RowFilter } from '../rows-sql.ts'

export interface FilterBarProps {
  columns: readonly ColumnBody[]
  filters: readonly RowFilter[]
  onChange: (filters: RowFilter[]) => void
}

/** The conditions that hold, each to be removed, and a form for one more. */
export function FilterBar({ columns, filters, onChange }: FilterBarProps) {
  const [open, setOpen] = useState(false)
  return (
    <div className="flex flex-wrap items-center gap-2">
      {filters.map((filter, at) => (
        <Button
          key={at}
          aria-label={`Remove the filter ${textOf(filter)}`}
          onClick={() => onChange(filters.filter((_, each) => each !== at))}
        >
          <span className="max-w-60 truncate font-mono text-xs">{textOf(filter)}</span>
          <X size={13} aria-hidden />
        </Button>
      ))}
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger asChild>
          <Button>
            <Filter size={14} aria-hidden />
            Filter
          </Button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            align="start"
            sideOffset={4}
            aria-label="New filter"
            className="z-40 w-72 rounded-md border border-line bg-surface p-3 shadow-lg"
          >
            <FilterForm
              columns={columns}
              onAdd={(filter) => {
                setOpen(false)
                onChange([...filters, filter])
              }}
            />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </div>
  )
}

function FilterForm({
  columns,
  onAdd,
}: {
  columns: readonly ColumnBody[]
  onAdd: (filter: RowFilter) => void
}) {
  const [column, setColumn] = useState(columns[0]?.name ?? '')
  const [operator, setOperator] = useState<Operator>('has')
  const [value, setValue] = useState('')
  const takesValue = operator !== 'null' && operator !== 'notnull'
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    onAdd({ c: column, o: operator, v: takesValue ? value : '' })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <SelectField
        label="Column"
        value={column}
        options={columns.map(({ name }) => ({ value: name, label: name }))}
        onChange={({ target }) => setColumn(target.value)}
      />
      <SelectField
        label="Condition"
        value={operator}
        options={OPERATORS}
        onChange={({ target }) => setOperator(target.value as Operator)}
      />
      {takesValue ? (
        <TextField label="Value" value={value} onChange={({ target }) => setValue(target.value)} />
      ) : null}
      <Button type="submit" look="primary">
        Add the filter
      </Button>
    </form>
  )
}

function textOf({ c, o, v }: RowFilter): string {
  const operator = OPERATORS.find(({ value }) => value === o)?.label ?? o
  return v === '' ? `${c} ${operator}` : `${c} ${operator} ${v}`
}
