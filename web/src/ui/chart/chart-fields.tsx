import type { Chart as ChartSettings } from '@sandpiper/contracts'

import type { SqlColumn } from '@/lib/api-client.ts'

import { isNumeric } from '../cell-text.ts'
import { SelectField } from '../field.tsx'

const TYPES: readonly { value: ChartSettings['type']; label: string }[] = [
  { value: 'table', label: 'Table' },
  { value: 'line', label: 'Line' },
  { value: 'area', label: 'Area' },
  { value: 'bar', label: 'Bars' },
  { value: 'pie', label: 'Pie' },
  { value: 'funnel', label: 'Funnel' },
  { value: 'number', label: 'Number' },
  { value: 'map', label: 'Map' },
]

/** How a result is drawn: the picture, and for pictures with axes which columns. */
export function ChartFields({
  label,
  columns,
  chart,
  onChange,
}: {
  label: string
  columns: readonly SqlColumn[]
  chart: ChartSettings
  onChange: (chart: ChartSettings) => void
}) {
  const { type, x, y, series } = chart
  const numbers = columns.filter((each) => isNumeric(each.type))
  const hasAxes = type !== 'table' && type !== 'number'
  const auto = { value: '', label: 'auto' }
  const named = (all: readonly SqlColumn[]) => all.map(({ name }) => ({ value: name, label: name }))
  const pick = (field: 'x' | 'series', value: string): void => {
    const { [field]: _, ...rest } = chart
    onChange(value === '' ? rest : { ...rest, [field]: value })
  }
  const pickY = (value: string): void => {
    const { y: _, ...rest } = chart
    onChange(value === '' ? rest : { ...rest, y: [value] })
  }
  return (
    <>
      <SelectField
        label={`Show ${label} as`}
        hideLabel
        value={type}
        options={TYPES}
        onChange={({ target }) =>
          onChange({ ...chart, type: target.value as ChartSettings['type'] })
        }
      />
      {hasAxes ? (
        <SelectField
          label={type === 'map' ? 'Country' : 'Along'}
          value={x ?? ''}
          options={[auto, ...named(columns)]}
          onChange={({ target }) => pick('x', target.value)}
        />
      ) : null}
      {type === 'table' ? null : (
        <SelectField
          label="Values"
          value={y?.[0] ?? ''}
          options={[auto, ...named(numbers)]}
          onChange={({ target }) => pickY(target.value)}
        />
      )}
      {hasAxes && !['pie', 'funnel', 'map'].includes(type) ? (
        <SelectField
          label="One each"
          value={series ?? ''}
          options={[{ value: '', label: 'none' }, ...named(columns)]}
          onChange={({ target }) => pick('series', target.value)}
        />
      ) : null}
    </>
  )
}
