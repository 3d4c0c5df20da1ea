import { CodeEditor } from '@/ui/editor/code-editor.tsx'
import { DiffView } from '@/ui/editor/diff-view.tsx'
import type { Tab } from '@/ui/tabs.tsx'

import type { PipeSearch, PipeTab } from '../pipe-search.ts'
import { type PipeText, printPipeText } from '../pipe-text.ts'
import { PipeHistory } from './pipe-history.tsx'
import { PipeNotebook } from './pipe-notebook.tsx'

export interface PipeTabsProps {
  name: string
  /** null: the text is spelled in a way that only shows as text. */
  pipe: PipeText | null
  text: string
  live: string | null
  search: PipeSearch
  onSearch: (search: PipeSearch) => void
  onText: (text: string) => void
  onSave: () => void
  /** Whether the token may have drafts. */
  mayChange: boolean
}

/** A pipe in three views of one text, and what the text was. */
export function pipeTabs(props: PipeTabsProps): (Tab & { id: PipeTab })[] {
  const { name, pipe, text, live, search, onSearch, onText, onSave, mayChange } = props
  return [
    {
      id: 'nodes',
      label: 'Nodes',
      content: () =>
        pipe === null ? (
          <p className="text-sm text-muted">
            This file has comments or lines that the notebook would lose, or is not complete: edit
            it as a file.
          </p>
        ) : (
          <PipeNotebook
            name={name}
            pipe={pipe}
            params={search.params ?? {}}
            onParams={(params) => onSearch({ ...search, params })}
            onPipe={(next) => onText(printPipeText(next))}
            onSave={onSave}
          />
        ),
    },
    {
      id: 'file',
      label: 'File',
      content: () => (
        <CodeEditor
          label="The datafile"
          language="text"
          value={text}
          onChange={onText}
          onSave={onSave}
          readOnly={!mayChange}
          minHeightPx={320}
          maxHeightPx={720}
        />
      ),
    },
    {
      id: 'changes',
      label: 'Changes',
      content: () =>
        live === text ? (
          <p className="text-sm text-muted">The draft is what is live.</p>
        ) : (
          <DiffView label="From live to the draft" before={live ?? ''} after={text} sideBySide />
        ),
    },
    {
      id: 'history',
      label: 'History',
      content: () => <PipeHistory {...{ name, live, text, search, onSearch }} onTake={onText} />,
    },
  ]
}
