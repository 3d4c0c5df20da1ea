import type { AnalysisBody } from '@sandpiper/contracts'

import { Button } from '@/ui/button.tsx'
import { TextField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { ResultGrid } from '@/ui/result-grid.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { problemsOf, type SchemaDraft } from '../schema-draft.ts'
import { EngineFields } from './engine-fields.tsx'
import { PlanCard } from './plan-card.tsx'
import { SchemaEditor } from './schema-editor.tsx'

export interface ReviewStepProps {
  draft: SchemaDraft
  preview: AnalysisBody['preview']
  onChange: (draft: SchemaDraft) => void
  mayRemove: boolean
  /** What the button does. */
  action: string
  onCreate: () => void
  onBack: () => void
  busy: boolean
  error: unknown
}

/** What was read, to be changed before anything is made. */
export function ReviewStep(props: ReviewStepProps) {
  const { draft, preview, onChange, mayRemove, action, onCreate, onBack, busy, error } = props
  const problems = problemsOf(draft)
  return (
    <div className="flex flex-col gap-4">
      <Card title="Schema">
        <div className="flex flex-col gap-4">
          <div className="max-w-sm">
            <TextField
              label="Name of the data source"
              value={draft.name}
              onChange={({ target }) => onChange({ ...draft, name: target.value })}
            />
          </div>
          <SchemaEditor draft={draft} onChange={onChange} mayRemove={mayRemove} />
          <EngineFields draft={draft} onChange={onChange} />
        </div>
      </Card>
      <Card title="First rows, as they were read">
        <ResultGrid label="First rows" columns={preview.meta} rows={preview.data} heightPx={220} />
      </Card>
      <PlanCard draft={draft} />
      {problems.length === 0 ? null : (
        <ul aria-label="What is missing" className="text-sm text-bad">
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
      {error === null ? null : (
        <ErrorBox error={error} next="Nothing was made. Change the schema and try again." />
      )}
      <div className="flex gap-2">
        <Button look="primary" busy={busy} disabled={problems.length > 0} onClick={onCreate}>
          {action}
        </Button>
        <Button onClick={onBack}>Back</Button>
      </div>
    </div>
  )
}
