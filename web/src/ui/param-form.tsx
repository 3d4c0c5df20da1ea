import type { ReactNode } from 'react'

import type { EndpointParam } from '@/lib/endpoints/endpoint-description.ts'
import type { ParamValues } from '@/lib/endpoints/call-endpoint.ts'

import { SelectField, TextField } from './field.tsx'

/** One field for each parameter; an empty field is not sent. The server judges the values. */
export function ParamFields({
  params,
  values,
  onChange,
}: {
  params: readonly EndpointParam[]
  values: ParamValues
  onChange: (values: ParamValues) => void
}) {
  return (
    <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-1">
      {params.map((param) => (
        <ParamField
          key={param.name}
          param={param}
          value={values[param.name] ?? ''}
          onChange={(value) => onChange({ ...values, [param.name]: value })}
        />
      ))}
    </div>
  )
}

function ParamField({
  param,
  value,
  onChange,
}: {
  param: EndpointParam
  value: string
  onChange: (value: string) => void
}) {
  const { name, kind, options, defaultText } = param
  const choices = kind === 'boolean' ? ['true', 'false'] : options
  const hint = <ParamHint param={param} />
  const unset = defaultText === undefined ? 'not set' : `default: ${defaultText || 'empty'}`
  if (choices !== undefined && kind !== 'list') {
    const known = value === '' || choices.includes(value) ? choices : [...choices, value]
    return (
      <SelectField
        label={name}
        hint={hint}
        value={value}
        options={[
          { value: '', label: `(${unset})` },
          ...known.filter((each) => each !== '').map((each) => ({ value: each, label: each })),
        ]}
        onChange={(event) => onChange(event.target.value)}
      />
    )
  }
  return (
    <TextField
      label={name}
      hint={hint}
      value={value}
      placeholder={defaultText ?? (kind === 'date' ? '2026-01-31' : '')}
      autoComplete="off"
      spellCheck={false}
      inputMode={kind === 'number' ? 'decimal' : 'text'}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}

function ParamHint({
  param: { type, required, description, kind, options },
}: {
  param: EndpointParam
}): ReactNode {
  const parts = [
    type,
    required ? 'required' : '',
    kind === 'list' ? 'separate values with commas' : '',
    kind === 'list' && options !== undefined ? `one of ${options.join(', ')}` : '',
    description ?? '',
  ]
  return parts.filter((part) => part !== '').join(' · ')
}
