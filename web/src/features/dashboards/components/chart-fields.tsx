import type { Chart } from '@sandpiper/contracts'

import type { SqlColumn } from '@/lib/api-client.ts'
import { isNumeric } from '@/ui/cell-text.ts'
import { CheckField, SelectField, TextField } from '@/ui/field.tsx'

const TYPES = ['line', 'area', 'bar', 'pie', 'funnel', 'number', 'table', 'map'] as const

export interface ChartFieldsProps {
  chart: Chart
  /** Of the result that is drawn. */
  columns: readonly SqlColumn[]
  onChange: (chart: Chart) => void
}

export function ChartFields({ chart, columns, onChange }: ChartFieldsProps) {
  const hasAxes = ['line', 'area', 'bar'].includes(chart.type)
  const { x, series, ...rest } = chart
  return (
    <>
      <SelectField
        label="Shown as"
        value={chart.type}
        options={TYPES.map((each) => ({ value: each, label: each }))}
        onChange={(event) => {
          const type = TYPES.find((each) => each === event.target.value)
          if (type !== undefined) onChange({ ...chart, type })
        }}
      />
      {chart.type === 'table' || chart.type === 'number' ? null : (
        <ColumnField
          label={chart.type === 'map' ? 'Country' : hasAxes ? 'Horizontal' : 'Parts'}
          none="(the first that fits)"
          value={x}
          columns={columns}
          onChange={(column) =>
            onChange({
              ...rest,
              ...(series === undefined ? {} : { series }),
              ...(column === '' ? {} : { x: column }),
            })
          }
        />
      )}
      {hasAxes ? (
        <ColumnField
          label="A line for each value of"
          none="(none)"
          value={series}
          columns={columns}
          onChange={(column) =>
            onChange({
              ...rest,
              ...(x === undefined ? {} : { x }),
              ...(column === '' ? {} : { series: column }),
            })
          }
        />
      ) : null}
      {chart.type === 'table' ? null : (
        <ValueFields chart={chart} columns={columns} onChange={onChange} />
      )}
      {hasAxes ? (
        <CheckField
          label="Stacked"
          checked={chart.options?.['stacked'] === true}
          onChange={(event) =>
            onChange({ ...chart, options: { ...chart.options, stacked: event.target.checked } })
          }
        />
      ) : null}
      {chart.type === 'number' ? (
        <TextField
          label="Unit"
          value={unitOf(chart)}
          onChange={(event) =>
            onChange({ ...chart, options: { ...chart.options, unit: event.target.value } })
          }
        />
      ) : null}
    </>
  )
}

function ValueFields({ chart, columns, onChange }: ChartFieldsProps) {
  const numeric = columns.filter(({ type }) => isNumeric(type))
  const chosen = chart.y ?? []
  const toggle = (name: string): void => {
    const y = chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name]
    onChange({ ...chart, y })
  }
  if (numeric.length === 0) return null
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-xs font-medium text-muted">
        Values (none chosen: every number)
      </legend>
      {numeric.map(({ name }) => (
        <CheckField
          key={name}
          label={name}
          checked={chosen.includes(name)}
          onChange={() => toggle(name)}
        />
      ))}
    </fieldset>
  )
}

function ColumnField(props: {
  label: string
  none: string
  value: string | undefined
  columns: readonly SqlColumn[]
  onChange: (column: string) => void
}) {
  const { label, none, value = '', columns, onChange } = props
  const names = [...new Set([value, ...columns.map(({ name }) => name)])].filter(
    (each) => each !== '',
  )
  return (
    <SelectField
      label={label}
      value={value}
      options={[{ value: '', label: none }, ...names.map((name) => ({ value: name, label: name }))]}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}

function unitOf({ options }: Chart): string {
  const unit = options?.['unit']
  return typeof unit === 'string' ? unit : ''
}
