// What real pipes write is compiled, judged and run; and with a forbidden piece anywhere in it, it is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { CORPUS } from './corpus.fixture.ts'
import { startProofWorkspace, type ProofWorkspace } from './proof-workspace.fixture.ts'

let workspace: ProofWorkspace
beforeAll(async () => {
  workspace = await startProofWorkspace()
})
afterAll(() => workspace.stop())

test('the corpus is as large as it says, each statement once', () => {
  expect(new Set(CORPUS).size).toBe(CORPUS.length)
  expect(CORPUS.length).toBeGreaterThanOrEqual(150)
})

describe('runs', () => {
  test.each(CORPUS)('%s', async (sql) => {
    expect(await workspace.answer(sql)).toContain('\n')
  })
})
