/** Keystrokes within this time are one step. */
const STEP_MS = 1_500
const STEPS_MAX = 200

export interface TextSteps {
  /** A change is about to come. @param before the text as it is. */
  note(before: string): void
  /** The text before the last step; null when there is none. */
  undo(current: string): string | null
  redo(current: string): string | null
  canUndo(): boolean
  canRedo(): boolean
}

/** @param now milliseconds that only grow. */
export function createTextHistory(now: () => number): TextSteps {
  let past: string[] = []
  let future: string[] = []
  let lastAt = -Infinity
  return {
    note(before) {
      if (now() - lastAt > STEP_MS) past = [...past.slice(1 - STEPS_MAX), before]
      lastAt = now()
      future = []
    },
    undo(current) {
      const before = past.pop() ?? null
      if (before !== null) future.push(current)
      lastAt = -Infinity
      return before
    },
    redo(current) {
      const after = future.pop() ?? null
      if (after !== null) past.push(current)
      lastAt = -Infinity
      return after
    },
    canUndo: () => past.length > 0,
    canRedo: () => future.length > 0,
  }
}
