import { type SyntheticEvent, useState } from 'react'

import { rowsText } from '@/lib/rows-text.ts'
import { Button } from '@/ui/button.tsx'
import { TextAreaField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { Progress } from '@/ui/progress.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { useAnalyzeEvents } from '../api/analyze.ts'
import { useAppendEvents } from '../api/append-events.ts'
import { useCreateDataSource } from '../api/create-data-source.ts'
import { eventLines } from '../event-lines.ts'
import { draftOf, type SchemaDraft } from '../schema-draft.ts'
import { Created } from './created.tsx'
import { QuarantineLink } from './import-progress.tsx'
import { ReviewStep } from './review-step.tsx'

/** A pasted event becomes a data source with that event in it. */
export function CreateFromEvent() {
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [draft, setDraft] = useState<SchemaDraft | null>(null)
  const analyze = useAnalyzeEvents()
  const create = useCreateDataSource()
  const append = useAppendEvents()
  const lines = analyze.variables ?? []
  const look = (event: SyntheticEvent): void => {
    event.preventDefault()
    try {
      const read = eventLines(text)
      setProblem(undefined)
      analyze.mutate(read, {
        onSuccess: ({ body: { analysis } }) =>
          setDraft(
            draftOf(
              'events',
              analysis.schema,
              analysis.columns.map(({ path }) => path),
            ),
          ),
      })
    } catch (err) {
      setProblem(err instanceof Error ? err.message : String(err))
    }
  }
  if (create.data !== undefined)
    return (
      <Created name={create.data.datasource.name}>
        <Appended append={append} />
      </Created>
    )
  if (draft !== null && analyze.data !== undefined)
    return (
      <ReviewStep
        draft={draft}
        found={analyze.data.body}
        onChange={setDraft}
        mayRemove
        action={`Create and append ${lines.length === 1 ? 'the event' : `${lines.length} events`}`}
        onCreate={() =>
          create.mutate(draft, {
            onSuccess: ({ datasource: { name } }) => append.mutate({ name, lines }),
          })
        }
        onBack={() => setDraft(null)}
        busy={create.isPending}
        error={create.error}
      />
    )
  return (
    <Card>
      <form onSubmit={look} className="flex flex-col gap-3">
        <TextAreaField
          label="Event"
          rows={12}
          spellCheck={false}
          placeholder={'{"at": "2026-01-15 10:00:00", "product": "tea", "price": 2.5}'}
          hint="One JSON object, or several: more of them tell more about types."
          error={problem}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        {analyze.isError ? <ErrorBox error={analyze.error} /> : null}
        <div>
          <Button
            type="submit"
            look="primary"
            busy={analyze.isPending}
            disabled={text.trim() === ''}
          >
            Read the schema
          </Button>
        </div>
      </form>
    </Card>
  )
}

function Appended({ append }: { append: ReturnType<typeof useAppendEvents> }) {
  if (append.isError)
    return <ErrorBox error={append.error} onRetry={() => append.mutate(append.variables)} />
  if (!append.isSuccess) return <Progress label="Append" ratio={null} />
  const { successful_rows: rows, quarantined_rows: refused } = append.data
  return (
    <p role="status" className="text-sm">
      {rowsText(rows)} appended.{' '}
      {refused === 0 ? null : (
        <>
          {rowsText(refused)} did not fit and went to the{' '}
          <QuarantineLink name={append.variables.name}>quarantine</QuarantineLink>.
        </>
      )}
    </p>
  )
}
