import { type KeyboardEvent, type SyntheticEvent } from 'react'

import { ApiError } from '@/lib/api-error.ts'
import type { EndpointDescription } from '@/lib/endpoints/endpoint-description.ts'
import type { ParamValues } from '@/lib/endpoints/call-endpoint.ts'
import { Button } from '@/ui/button.tsx'
import { SelectField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { ParamFields } from '@/ui/param-form.tsx'
import { Empty, ErrorBox, Loading } from '@/ui/states.tsx'

import { useRunEndpoint } from '../api/run-endpoint.ts'
import { AnswerView, type AnswerLook } from './answer-view.tsx'

/** What of a trial stands in the address, so that it can be sent to somebody. */
interface Trial {
  params: ParamValues
  format: string
  look: AnswerLook
}

export interface TryEndpointProps {
  endpoint: EndpointDescription
  trial: Trial
  onChange: (trial: Trial) => void
}

const FORMATS = ['json', 'csv', 'ndjson', 'parquet', 'prometheus']

export function TryEndpoint({ endpoint, trial, onChange }: TryEndpointProps) {
  const run = useRunEndpoint()
  const start = (): void =>
    run.mutate({ pipe: endpoint.name, params: trial.params, format: trial.format })
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    start()
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) start()
  }
  return (
    <div className="grid gap-4 xl:grid-cols-[20rem_minmax(0,1fr)]">
      <Card title="Parameters">
        <form onSubmit={submit} onKeyDown={onKey} className="flex flex-col gap-3">
          {endpoint.params.length === 0 ? (
            <p className="text-sm text-muted">It takes no parameters.</p>
          ) : (
            <ParamFields
              params={endpoint.params}
              values={trial.params}
              onChange={(params) => onChange({ ...trial, params })}
            />
          )}
          <SelectField
            label="Format"
            value={trial.format}
            options={FORMATS.map((each) => ({ value: each, label: each }))}
            onChange={(event) => onChange({ ...trial, format: event.target.value })}
          />
          <Button
            type="submit"
            look="primary"
            busy={run.isPending}
            aria-keyshortcuts="Control+Enter Meta+Enter"
          >
            {run.isPending ? 'Running' : 'Run'}
          </Button>
        </form>
      </Card>
      <Card title="Answer">
        {run.isPending ? <Loading label="Waiting for the answer" /> : null}
        {run.isError ? <ErrorBox error={run.error} next={<StatusOf error={run.error} />} /> : null}
        {run.isIdle ? (
          <Empty title="Not called yet">
            Run it to see its rows. The call counts like any other, with your own token.
          </Empty>
        ) : null}
        {!run.isSuccess ? null : (
          <AnswerView
            pipe={endpoint.name}
            format={run.variables.format ?? 'json'}
            answer={run.data}
            look={trial.look}
            onLook={(look) => onChange({ ...trial, look })}
          />
        )}
      </Card>
    </div>
  )
}

function StatusOf({ error }: { error: unknown }) {
  const status = error instanceof ApiError ? error.status : undefined
  return status === undefined ? null : <>Status {status}. Change the parameters and run again.</>
}
