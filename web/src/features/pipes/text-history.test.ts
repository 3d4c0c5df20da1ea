import { expect, test } from 'vitest'

import { createTextHistory } from './text-history.ts'

test('typing without a pause is one step; undone steps come back until something else is typed', () => {
  let at = 0
  const history = createTextHistory(() => at)
  history.note('')
  at = 100
  history.note('a')
  at = 5_000
  history.note('ab')
  expect(history.undo('abc')).toBe('ab')
  expect(history.undo('ab')).toBe('')
  expect(history.undo('')).toBeNull()
  expect(history.redo('')).toBe('ab')
  history.note('ab')
  expect([history.canUndo(), history.canRedo()]).toEqual([true, false])
})
