import { Plus, X } from 'lucide-react'

import { useDataSources } from '@/lib/catalog/get-data-sources.ts'
import { usePipes } from '@/lib/catalog/get-pipes.ts'
import { Button } from '@/ui/button.tsx'
import { type Option, SelectField } from '@/ui/field.tsx'
import { IconButton } from '@/ui/icon-button.tsx'

import { type DraftScope, SCOPE_TYPES, type ScopeSubject, subjectOf } from '../scope-types.ts'

interface ScopeFieldsProps {
  scopes: readonly DraftScope[]
  onChange: (scopes: DraftScope[]) => void
}

const FIRST_SCOPE: DraftScope = { type: 'PIPES:READ', resource: '' }

/** One line for each right: what may be done, and on what. */
export function ScopeFields({ scopes, onChange }: ScopeFieldsProps) {
  const options = useResourceOptions()
  const change = (at: number, changed: Partial<DraftScope>): void =>
    onChange(scopes.map((scope, each) => (each === at ? { ...scope, ...changed } : scope)))
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-xs font-medium text-muted">What the token may do</legend>
      {scopes.map((scope, at) => (
        <div key={at} className="flex flex-wrap items-end gap-2">
          <div className="min-w-52 flex-1">
            <SelectField
              label={`Right ${at + 1}`}
              hideLabel
              options={withChosen(
                SCOPE_TYPES.map(({ type, allows }) => ({ value: type, label: allows })),
                scope.type,
              )}
              value={scope.type}
              onChange={(event) => change(at, { type: event.target.value, resource: '' })}
              hint={<code>{scope.type}</code>}
            />
          </div>
          {subjectOf(scope.type) === 'workspace' ? null : (
            <div className="min-w-40 flex-1">
              <SelectField
                label={`On which ${subjectOf(scope.type)} (right ${at + 1})`}
                hideLabel
                options={withChosen(
                  [
                    { value: '', label: `Choose a ${subjectOf(scope.type)}` },
                    ...options(scope.type),
                  ],
                  scope.resource,
                )}
                value={scope.resource}
                onChange={(event) => change(at, { resource: event.target.value })}
                hint={<>&nbsp;</>}
              />
            </div>
          )}
          <IconButton
            label={`Remove right ${at + 1}`}
            className="mb-5"
            disabled={scopes.length === 1}
            onClick={() => onChange(scopes.filter((_, each) => each !== at))}
          >
            <X size={15} />
          </IconButton>
        </div>
      ))}
      <div>
        <Button look="quiet" onClick={() => onChange([...scopes, FIRST_SCOPE])}>
          <Plus size={14} aria-hidden />
          Another right
        </Button>
      </div>
    </fieldset>
  )
}

/** With what a token has already, also where it would not be offered. */
function withChosen(options: readonly Option[], chosen: string): Option[] {
  const isKnown = options.some(({ value }) => value === chosen)
  return [...options, ...(isKnown ? [] : [{ value: chosen, label: chosen }])]
}

/** Logs that a token can be given to read, one by one. */
const SERVICE_DATA_SOURCES = [
  ...['pipe_stats_rt', 'pipe_stats', 'endpoint_errors', 'datasources_ops_log', 'jobs_log'],
  ...['block_log', 'datasources_storage'],
].map((name) => `tinybird.${name}`)

function useResourceOptions(): (type: string) => Option[] {
  const dataSources = (useDataSources().data ?? []).map(({ name }) => name)
  const pipes = (usePipes().data ?? []).map(({ name }) => name)
  const names: Record<ScopeSubject, readonly string[]> = {
    'data source': dataSources,
    pipe: pipes,
    workspace: [],
  }
  return (type) => {
    const services = type === 'DATASOURCES:READ' ? SERVICE_DATA_SOURCES : []
    return [...names[subjectOf(type)], ...services].map((value) => ({ value, label: value }))
  }
}
