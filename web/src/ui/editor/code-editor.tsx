import { lazy, Suspense } from 'react'

import type { CodeEditorProps } from './code-editor-props.ts'

export type { CodeEditorProps, Diagnostic, Completions } from './code-editor-props.ts'

const Loaded = lazy(async () => ({ default: (await import('./code-mirror.tsx')).CodeMirror }))

/** SQL with template tags (`sql`), or a datafile or JSON as text. CodeMirror comes as a chunk of its own; until then the text is there to read. */
export function CodeEditor(props: CodeEditorProps) {
  return (
    <Suspense
      fallback={<pre className="min-h-24 p-3 font-mono text-xs text-muted">{props.value}</pre>}
    >
      <Loaded {...props} />
    </Suspense>
  )
}
