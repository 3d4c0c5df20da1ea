import {
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, indentOnInput } from '@codemirror/language'
import { setDiagnostics } from '@codemirror/lint'
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state'
import { EditorView, keymap, lineNumbers } from '@codemirror/view'
import { useEffect, useEffectEvent, useRef } from 'react'

import { pageNonce } from '@/lib/nonce.ts'

import type { CodeEditorProps, Diagnostic } from './code-editor-props.ts'
import { editorTheme } from './editor-theme.ts'
import { sqlTemplate } from './sql-template.ts'

/** The editor itself. It owns its text while it is typed in; a value from outside replaces it only when it differs. */
export function CodeMirror(props: CodeEditorProps) {
  const { value, diagnostics, completions, language = 'sql', readOnly = false } = props
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const languagePart = useRef(new Compartment())
  const changed = useEffectEvent((text: string) => props.onChange?.(text))
  const run = useEffectEvent(() => props.onRun?.())
  const save = useEffectEvent(() => props.onSave?.())
  const start = useEffectEvent(() => ({ doc: value, language: languageOf(language, completions) }))

  useEffect(() => {
    const parent = host.current
    if (parent === null) return
    const { doc, language: firstLanguage } = start()
    const editor = new EditorView({
      parent,
      state: EditorState.create({
        doc,
        extensions: [
          keysOf(run, save),
          languagePart.current.of(firstLanguage),
          frame(readOnly),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = editor
    return () => {
      view.current = null
      editor.destroy()
    }
  }, [readOnly])

  useEffect(() => {
    const editor = view.current
    if (editor === null || editor.state.doc.toString() === value) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])

  useEffect(() => {
    const effects = languagePart.current.reconfigure(languageOf(language, completions))
    view.current?.dispatch({ effects })
  }, [language, completions])

  useEffect(() => {
    const editor = view.current
    if (editor !== null) editor.dispatch(setDiagnostics(editor.state, marks(editor, diagnostics)))
  }, [diagnostics, value])

  useEffect(() => {
    view.current?.contentDOM.setAttribute('aria-label', props.label)
  }, [props.label])

  return (
    <div
      ref={host}
      className="overflow-auto rounded-md border border-line bg-surface focus-within:border-accent"
      style={{ minHeight: props.minHeightPx ?? 96, maxHeight: props.maxHeightPx ?? 480 }}
    />
  )
}

function languageOf(
  language: 'sql' | 'text',
  completions: CodeEditorProps['completions'],
): Extension {
  return language === 'sql' ? sqlTemplate(completions ?? { tables: {} }) : []
}

function frame(readOnly: boolean): Extension {
  return [
    EditorView.cspNonce.of(pageNonce()),
    editorTheme,
    EditorState.readOnly.of(readOnly),
    EditorView.editable.of(!readOnly),
    readOnly ? EditorView.contentAttributes.of({ tabindex: '0' }) : [],
    lineNumbers(),
    history(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    EditorView.lineWrapping,
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...historyKeymap,
      ...defaultKeymap,
      indentWithTab,
    ]),
  ]
}

function keysOf(run: () => void, save: () => void): Extension {
  const taken = (act: () => void) => () => {
    act()
    return true
  }
  return Prec.highest(
    keymap.of([
      { key: 'Mod-Enter', run: taken(run) },
      { key: 'Mod-s', run: taken(save), preventDefault: true },
      // Tab indents; Escape and then Tab leaves the editor (WCAG 2.1.2).
      {
        key: 'Escape',
        run: (editor) => closeCompletion(editor) || (editor.contentDOM.blur(), true),
      },
    ]),
  )
}

function marks(editor: EditorView, diagnostics: readonly Diagnostic[] = []) {
  const { doc } = editor.state
  return diagnostics.map(({ line, message, severity = 'error' }) => {
    const { from, to } = doc.line(Math.min(Math.max(1, line), doc.lines))
    return { from, to, message, severity }
  })
}
