import type { Chart as ChartSettings, QueryDocument, SavedQuery } from '@sandpiper/contracts'
import { useMemo, useState } from 'react'

import { useDataSources } from '@/lib/catalog/get-data-sources.ts'
import { usePipes } from '@/lib/catalog/get-pipes.ts'
import { useMay } from '@/lib/rights/use-may.ts'
import { useControlKey } from '@/lib/use-control-key.ts'
import { CodeEditor } from '@/ui/editor/code-editor.tsx'
import { ErrorBox, Loading } from '@/ui/states.tsx'
import { ResultView } from '@/ui/result-view.tsx'
import { useToast } from '@/ui/toast.tsx'

import { useRunSql } from '../api/run-sql.ts'
import { useSaveQuery } from '../api/save-query.ts'
import { ExportMenu } from './export-menu.tsx'
import { QueryActions } from './query-actions.tsx'
import { SaveDialog } from './save-dialog.tsx'

export interface QueryEditorProps {
  /** null: it was never saved. */
  saved: QueryDocument | null
  unsaved: SavedQuery | null
  /** null: what is typed is what was saved. */
  onType: (unsaved: SavedQuery | null) => void
  onSaved: (saved: QueryDocument) => void
}

const EMPTY: SavedQuery = { name: 'New query', sql: '' }
const TABLE: ChartSettings = { type: 'table' }

/** Free SQL with its rows below. Ctrl-Enter runs, Ctrl-S saves. */
export function QueryEditor({ saved, unsaved, onType, onSaved }: QueryEditorProps) {
  const content = unsaved ?? saved?.content ?? EMPTY
  const [naming, setNaming] = useState(false)
  const run = useRunSql()
  const save = useSaveQuery()
  const toast = useToast()
  const completions = useCompletions()
  const start = (): void => {
    if (content.sql.trim() !== '') run.mutate(content.sql)
  }
  const store = (next: SavedQuery, id: string | null): void =>
    save.mutate(
      { id, revision: saved?.revision ?? 0, content: next },
      {
        onSuccess: (done) => {
          setNaming(false)
          toast(`Saved ${done.name}.`)
          onSaved(done)
        },
      },
    )
  const mayKeep = useMay()('change the workspace')
  const keep = (): void =>
    !mayKeep ? undefined : saved === null ? setNaming(true) : store(content, saved.id)
  useControlKey('enter', start)
  useControlKey('s', keep)
  const chart = content.chart ?? TABLE
  return (
    <>
      <CodeEditor
        label="SQL"
        value={content.sql}
        onChange={(sql) => {
          if (sql !== content.sql) onType({ ...content, sql })
        }}
        completions={completions}
        onRun={start}
        onSave={keep}
        minHeightPx={160}
      />
      <QueryActions
        isRunning={run.isPending}
        isSaving={save.isPending}
        saved={saved}
        isChanged={unsaved !== null}
        onRun={start}
        onSave={keep}
        onSaveAs={() => setNaming(true)}
        onRevert={() => onType(null)}
      />
      {save.isError && !naming ? (
        <ErrorBox
          error={save.error}
          next="The newer one has been read: save again to replace it."
        />
      ) : null}
      {run.isError ? <ErrorBox error={run.error} /> : null}
      {run.isPending ? <Loading label="Running the query" /> : null}
      {run.data === undefined ? null : (
        <ResultView
          label="the result"
          result={run.data.result}
          milliseconds={run.data.milliseconds}
          chart={chart}
          onChart={(next) => onType({ ...content, chart: next })}
          actions={<ExportMenu name={content.name} sql={content.sql} />}
        />
      )}
      {naming ? (
        <SaveDialog
          content={content}
          busy={save.isPending}
          error={save.error}
          onClose={() => setNaming(false)}
          onSave={(next) => store(next, null)}
        />
      ) : null}
    </>
  )
}

function useCompletions() {
  const dataSources = useDataSources()
  const pipes = usePipes()
  return useMemo(
    () => ({
      tables: Object.fromEntries([
        ...(pipes.data ?? []).map(({ name }): [string, string[]] => [name, []]),
        ...(dataSources.data ?? []).map(({ name, columns }): [string, string[]] => [
          name,
          columns.map((each) => each.name),
        ]),
      ]),
    }),
    [dataSources.data, pipes.data],
  )
}
