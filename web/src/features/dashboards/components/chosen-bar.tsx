import type { Dashboard, DashboardParameter } from '@sandpiper/contracts'

import { CheckField, SelectField, TextField } from '@/ui/field.tsx'

import { type Chosen, valueText } from '../tile-call.ts'
import { LAST_RANGES, rangeText, readRangeText } from '../time-range.ts'

export interface ChosenBarProps {
  parameters: Dashboard['parameters']
  chosen: Chosen
  onChange: (chosen: Chosen) => void
}

/** The time range and the parameters that all tiles share. */
export function ChosenBar({ parameters, chosen, onChange }: ChosenBarProps) {
  const change = (name: string, value: string): void =>
    onChange({ ...chosen, values: { ...chosen.values, [name]: value } })
  return (
    <>
      <RangeField chosen={chosen} onChange={onChange} />
      {parameters.map((parameter) => (
        <div key={parameter.name} className="w-44 max-w-full">
          <ParameterField
            parameter={parameter}
            value={chosen.values[parameter.name] ?? valueText(parameter.default)}
            onChange={(value) => change(parameter.name, value)}
          />
        </div>
      ))}
    </>
  )
}

const CUSTOM = 'custom'

function RangeField({ chosen, onChange }: Pick<ChosenBarProps, 'chosen' | 'onChange'>) {
  const { range } = chosen
  const shown = 'last' in range ? range.last : CUSTOM
  const known = LAST_RANGES.some(({ value }) => value === shown)
  const choose = (value: string): void => {
    const now = new Date().toISOString()
    const dayAgo = new Date(Date.now() - 86_400_000).toISOString()
    const next = value === CUSTOM ? { from: dayAgo, to: now } : readRangeText(value)
    if (next !== undefined) onChange({ ...chosen, range: next })
  }
  return (
    <>
      <div className="w-44">
        <SelectField
          label="Time range"
          value={shown}
          options={[
            ...(known || shown === CUSTOM ? [] : [{ value: shown, label: `Last ${shown}` }]),
            ...LAST_RANGES,
            { value: CUSTOM, label: 'From … to …' },
          ]}
          onChange={(event) => choose(event.target.value)}
        />
      </div>
      {'from' in range
        ? (['from', 'to'] as const).map((end) => (
            <div key={end} className="w-52">
              <TextField
                label={end === 'from' ? 'From (UTC)' : 'To (UTC)'}
                type="datetime-local"
                value={range[end].slice(0, 16)}
                onChange={(event) => {
                  const text = rangeText({ ...range, [end]: `${event.target.value}:00.000Z` })
                  const next = readRangeText(text)
                  if (next !== undefined) onChange({ ...chosen, range: next })
                }}
              />
            </div>
          ))
        : null}
    </>
  )
}

const INPUTS = { text: 'text', number: 'number', date: 'date', date_time: 'text' } as const

function ParameterField({
  parameter: { name, label = name, type, options = [] },
  value,
  onChange,
}: {
  parameter: DashboardParameter
  value: string
  onChange: (value: string) => void
}) {
  if (type === 'boolean')
    return (
      <div className="pt-6">
        <CheckField
          label={label}
          checked={value === 'true'}
          onChange={(event) => onChange(String(event.target.checked))}
        />
      </div>
    )
  if (type === 'select')
    return (
      <SelectField
        label={label}
        value={value}
        options={[...new Set(['', ...options, value])].map((each) => ({
          value: each,
          label: each === '' ? '(not set)' : each,
        }))}
        onChange={(event) => onChange(event.target.value)}
      />
    )
  return (
    <TextField
      label={label}
      type={INPUTS[type]}
      placeholder={type === 'date_time' ? '2026-01-31 12:00:00' : ''}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
