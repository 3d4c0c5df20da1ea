import type { TileSource } from '@sandpiper/contracts'

import { endpointsOf } from '@/lib/endpoints/endpoint-description.ts'
import { useOpenapi } from '@/lib/endpoints/get-openapi.ts'
import { sentParams } from '@/lib/endpoints/call-endpoint.ts'
import { Button } from '@/ui/button.tsx'
import { CodeEditor } from '@/ui/editor/code-editor.tsx'
import { SelectField } from '@/ui/field.tsx'
import { ParamFields } from '@/ui/param-form.tsx'

import { valueText } from '../tile-call.ts'

export interface SourceFieldsProps {
  source: TileSource
  onChange: (source: TileSource) => void
  onRun: (source: TileSource) => void
}

export function SourceFields({ source, onChange, onRun }: SourceFieldsProps) {
  const isSql = 'sql' in source
  const choose = (kind: string): void =>
    onChange(kind === 'sql' ? { sql: '' } : { pipe: '', params: {} })
  return (
    <>
      <SelectField
        label="Rows from"
        value={isSql ? 'sql' : 'endpoint'}
        options={[
          { value: 'endpoint', label: 'an endpoint' },
          { value: 'sql', label: 'SQL (cannot be shared by a link)' },
        ]}
        onChange={(event) => choose(event.target.value)}
      />
      {isSql ? (
        <SqlFields sql={source.sql} onChange={onChange} onRun={() => onRun(source)} />
      ) : (
        <EndpointFields source={source} onChange={onChange} onRun={onRun} />
      )}
    </>
  )
}

function SqlFields({
  sql,
  onChange,
  onRun,
}: {
  sql: string
  onChange: (source: TileSource) => void
  onRun: () => void
}) {
  return (
    <div className="flex flex-col gap-2">
      <CodeEditor
        label="SQL of the tile"
        language="sql"
        value={sql}
        onChange={(text) => onChange({ sql: text })}
        onRun={onRun}
        minHeightPx={120}
        maxHeightPx={280}
      />
      <p className="text-xs text-muted">
        Beginning with a line <code>%</code> it is a template: the time range comes as{' '}
        <code>{'{{DateTime(date_from)}}'}</code> and <code>{'{{DateTime(date_to)}}'}</code>.
      </p>
      <Button onClick={onRun} disabled={sql.trim() === ''}>
        Run the SQL
      </Button>
    </div>
  )
}

type EndpointSource = Extract<TileSource, { pipe: string }>

function EndpointFields({
  source,
  onChange,
  onRun,
}: {
  source: EndpointSource
  onChange: (source: TileSource) => void
  onRun: (source: TileSource) => void
}) {
  const openapi = useOpenapi()
  const endpoints = openapi.data === undefined ? [] : endpointsOf(openapi.data)
  const params = endpoints.find(({ name }) => name === source.pipe)?.params ?? []
  const choose = (pipe: string): void => {
    const chosen = { pipe, params: {} }
    onChange(chosen)
    onRun(chosen)
  }
  return (
    <>
      <SelectField
        label="Endpoint"
        value={source.pipe}
        options={[
          { value: '', label: 'Choose' },
          ...endpoints.map(({ name }) => ({ value: name, label: name })),
        ]}
        onChange={(event) => choose(event.target.value)}
      />
      {params.length === 0 ? null : (
        <details>
          <summary className="cursor-pointer text-sm text-muted">Parameters of this tile</summary>
          <div className="mt-2 flex flex-col gap-3">
            <ParamFields
              params={params}
              values={Object.fromEntries(
                Object.entries(source.params).map(([name, value]) => [name, valueText(value)]),
              )}
              onChange={(values) => onChange({ ...source, params: sentParams(values) })}
            />
            <Button onClick={() => onRun(source)}>Run with these</Button>
          </div>
        </details>
      )}
    </>
  )
}
