import { X } from 'lucide-react'

import { useDataSources } from '@/lib/catalog/get-data-sources.ts'
import { endpointsOf } from '@/lib/endpoints/endpoint-description.ts'
import { useOpenapi } from '@/lib/endpoints/get-openapi.ts'
import { SelectField, TextField } from '@/ui/field.tsx'
import { IconButton } from '@/ui/icon-button.tsx'
import { ParamFields } from '@/ui/param-form.tsx'

import type { EndpointRight, Right } from '../jwt-request.ts'

export function JwtRights({
  rights,
  onChange,
}: {
  rights: readonly Right[]
  onChange: (rights: readonly Right[]) => void
}) {
  const replace = (at: number, right: Right): void => onChange(rights.with(at, right))
  return (
    <div className="flex flex-col gap-3">
      {rights.map((right, at) => (
        <fieldset
          key={`${right.kind} ${right.resource}`}
          className="flex flex-col gap-3 rounded-md border border-line p-3"
        >
          <legend className="flex items-center gap-1 px-1 text-sm">
            Reads the {right.kind} <b>{right.resource}</b>
            <IconButton
              label={`Remove ${right.resource}`}
              onClick={() => onChange(rights.filter((_, each) => each !== at))}
            >
              <X size={14} />
            </IconButton>
          </legend>
          {right.kind === 'endpoint' ? (
            <FixedParams right={right} onChange={(changed) => replace(at, changed)} />
          ) : (
            <TextField
              label={`Rows of ${right.resource} where`}
              placeholder="every row; or: tenant = 'acme'"
              className="font-mono"
              value={right.filter}
              onChange={(event) => replace(at, { ...right, filter: event.target.value })}
            />
          )}
        </fieldset>
      ))}
      <AddRight rights={rights} onAdd={(right) => onChange([...rights, right])} />
    </div>
  )
}

function FixedParams({
  right,
  onChange,
}: {
  right: EndpointRight
  onChange: (right: EndpointRight) => void
}) {
  const openapi = useOpenapi()
  const described =
    openapi.data === undefined
      ? undefined
      : endpointsOf(openapi.data).find(({ name }) => name === right.resource)
  if (described === undefined || described.params.length === 0)
    return (
      <p className="text-xs text-muted">It has no parameters to fix: every row it gives is seen.</p>
    )
  return (
    <>
      <p className="text-xs text-muted">
        Fixed parameters. Those left empty are the holder’s to choose.
      </p>
      <ParamFields
        params={described.params}
        values={right.fixed}
        onChange={(fixed) => onChange({ ...right, fixed })}
      />
    </>
  )
}

function AddRight({ rights, onAdd }: { rights: readonly Right[]; onAdd: (right: Right) => void }) {
  const openapi = useOpenapi()
  const dataSources = useDataSources()
  const has = (kind: Right['kind'], name: string): boolean =>
    rights.some((right) => right.kind === kind && right.resource === name)
  const endpoints = openapi.data === undefined ? [] : endpointsOf(openapi.data)
  const free = endpoints.filter(({ name }) => !has('endpoint', name))
  const sources = (dataSources.data ?? []).filter(({ name }) => !has('data source', name))
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <SelectField
        label="Add an endpoint"
        value=""
        options={options(free)}
        onChange={(event) => onAdd({ kind: 'endpoint', resource: event.target.value, fixed: {} })}
      />
      <SelectField
        label="Add a data source, with a row filter"
        value=""
        options={options(sources)}
        onChange={(event) =>
          onAdd({ kind: 'data source', resource: event.target.value, filter: '' })
        }
      />
    </div>
  )
}

function options(named: readonly { name: string }[]) {
  return [
    { value: '', label: 'Choose' },
    ...named.map(({ name }) => ({ value: name, label: name })),
  ]
}
