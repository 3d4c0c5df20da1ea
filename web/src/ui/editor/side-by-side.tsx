import { MergeView } from '@codemirror/merge'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'

import { pageNonce } from '@/lib/nonce.ts'

import { editorTheme } from './editor-theme.ts'

/** Two texts beside each other, equal parts folded away. */
export function SideBySide(props: { label: string; before: string; after: string }) {
  const { label, before, after } = props
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const parent = host.current
    if (parent === null) return
    const view = new MergeView({
      parent,
      a: { doc: before, extensions: extensions(`${label}: before`) },
      b: { doc: after, extensions: extensions(`${label}: after`) },
      collapseUnchanged: { margin: 3, minSize: 6 },
    })
    return () => view.destroy()
  }, [label, before, after])
  return <div ref={host} className="max-h-96 overflow-auto rounded-md border border-line" />
}

function extensions(label: string): Extension {
  return [
    EditorView.cspNonce.of(pageNonce()),
    editorTheme,
    lineNumbers(),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({
      tabindex: '0',
      'aria-label': label,
      role: 'textbox',
      'aria-multiline': 'true',
      'aria-readonly': 'true',
    }),
    EditorView.lineWrapping,
  ]
}
