import { unifiedMergeView } from '@codemirror/merge'
import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'

import { pageNonce } from '@/lib/nonce.ts'

import { editorTheme } from './editor-theme.ts'

export function MergedText({
  label,
  before,
  after,
}: {
  label: string
  before: string
  after: string
}) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const parent = host.current
    if (parent === null) return
    const editor = new EditorView({
      parent,
      state: EditorState.create({
        doc: after,
        extensions: [
          EditorView.cspNonce.of(pageNonce()),
          editorTheme,
          lineNumbers(),
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': label }),
          EditorView.lineWrapping,
          unifiedMergeView({ original: before, mergeControls: false, gutter: true }),
        ],
      }),
    })
    return () => editor.destroy()
  }, [label, before, after])
  return <div ref={host} className="max-h-96 overflow-auto rounded-md border border-line" />
}
