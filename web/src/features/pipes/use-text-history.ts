import { useState } from 'react'

import { createTextHistory } from './text-history.ts'

export interface TextHistory {
  /** Changes the text and remembers what it was. */
  change: (next: string) => void
  undo: (() => void) | null
  redo: (() => void) | null
}

/** Undo and redo over the whole file: editors undo their own typing, this brings back a deleted node too. */
export function useTextHistory(text: string | null, set: (text: string) => void): TextHistory {
  const [history] = useState(() => createTextHistory(() => performance.now()))
  const [able, setAble] = useState({ undo: false, redo: false })
  const go = (next: string | null): void => {
    setAble({ undo: history.canUndo(), redo: history.canRedo() })
    if (next !== null) set(next)
  }
  return {
    change: (next) => {
      if (text !== null && next !== text) history.note(text)
      go(next)
    },
    undo: able.undo ? () => go(history.undo(text ?? '')) : null,
    redo: able.redo ? () => go(history.redo(text ?? '')) : null,
  }
}
