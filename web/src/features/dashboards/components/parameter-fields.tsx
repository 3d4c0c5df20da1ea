import type { DashboardParameter } from '@sandpiper/contracts'
import { X } from 'lucide-react'

import { Button } from '@/ui/button.tsx'
import { SelectField, TextField } from '@/ui/field.tsx'
import { IconButton } from '@/ui/icon-button.tsx'

import { valueText } from '../tile-call.ts'

const TYPES = ['text', 'number', 'boolean', 'select', 'date', 'date_time'] as const

/** Parameters that all tiles share: each goes to every endpoint that takes one of that name. */
export function ParameterFields({
  parameters,
  onChange,
}: {
  parameters: readonly DashboardParameter[]
  onChange: (parameters: readonly DashboardParameter[]) => void
}) {
  return (
    <section className="flex flex-col gap-3">
      <h3 className="text-sm font-semibold">Shared parameters</h3>
      {parameters.map((parameter, at) => (
        <OneParameter
          key={at}
          parameter={parameter}
          onChange={(changed) => onChange(parameters.with(at, changed))}
          onRemove={() => onChange(parameters.filter((_, each) => each !== at))}
        />
      ))}
      <div>
        <Button onClick={() => onChange([...parameters, { name: '', type: 'text' }])}>
          Add a parameter
        </Button>
      </div>
    </section>
  )
}

function OneParameter({
  parameter,
  onChange,
  onRemove,
}: {
  parameter: DashboardParameter
  onChange: (parameter: DashboardParameter) => void
  onRemove: () => void
}) {
  const { name, type, options } = parameter
  return (
    <fieldset className="grid items-end gap-2 rounded-md border border-line p-3 sm:grid-cols-[1fr_8rem_1fr_1fr_auto]">
      <legend className="sr-only">Parameter {name}</legend>
      <TextField
        label="Name"
        value={name}
        onChange={(event) => onChange({ ...parameter, name: event.target.value })}
      />
      <SelectField
        label="Type"
        value={type}
        options={TYPES.map((each) => ({ value: each, label: each.replace('_', ' and ') }))}
        onChange={(event) =>
          onChange({
            ...parameter,
            type: TYPES.find((each) => each === event.target.value) ?? 'text',
          })
        }
      />
      <TextField
        label="Value at first"
        value={valueText(parameter.default)}
        onChange={(event) => onChange({ ...parameter, default: event.target.value })}
      />
      {type === 'select' ? (
        <TextField
          label="Choices, with commas"
          value={(options ?? []).join(',')}
          onChange={(event) => onChange({ ...parameter, options: event.target.value.split(',') })}
        />
      ) : (
        <span />
      )}
      <IconButton label={`Remove the parameter ${name}`} onClick={onRemove}>
        <X size={14} />
      </IconButton>
    </fieldset>
  )
}
