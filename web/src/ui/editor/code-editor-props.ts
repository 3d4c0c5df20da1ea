export interface Diagnostic {
  /** From 1. */
  line: number
  message: string
  severity?: 'error' | 'warning'
}

/** What may be completed: tables with their columns, and words with what they are. */
export interface Completions {
  tables: Readonly<Record<string, readonly string[]>>
  words?: readonly { label: string; detail: string }[]
}

export interface CodeEditorProps {
  /** The editor's name for screen readers. */
  label: string
  value: string
  onChange?: (value: string) => void
  language?: 'sql' | 'text'
  readOnly?: boolean
  diagnostics?: readonly Diagnostic[]
  completions?: Completions
  /** Ctrl-Enter or Cmd-Enter. */
  onRun?: () => void
  /** Ctrl-S or Cmd-S. */
  onSave?: () => void
  minHeightPx?: number
  maxHeightPx?: number
}
