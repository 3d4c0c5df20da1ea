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
  found: AnalysisBody
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
  const { draft, found, onChange, mayRemove, action, onCreate, onBack, busy, error } = props
  const problems = problemsOf(draft)
  const { preview, analysis } = found
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
          <LeftOut paths={analysis.left_out ?? []} />
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

function LeftOut({ paths }: { paths: readonly string[] }) {
  if (paths.length === 0) return null
  return (
    <div role="note" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
      <p>
        No column for {paths.length === 1 ? 'this' : 'these'}: a JSONPath names no key with a dot, a
        bracket, a backtick, a backslash or blanks at its ends, and a data source has at most 500
        columns. Rename {paths.length === 1 ? 'it' : 'them'} in what you send, or take the whole
        event with the path $.
      </p>
      <ul className="mt-1 max-h-32 overflow-auto font-mono text-xs break-all" tabIndex={0}>
        {paths.map((path) => (
          <li key={path}>{path}</li>
        ))}
      </ul>
    </div>
  )
}
