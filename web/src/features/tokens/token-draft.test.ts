import type { TokenBody } from '@sandpiper/contracts'
import { expect, test } from 'vitest'

import { draftOf, EMPTY_TOKEN, isReady, tokenOf } from './token-draft.ts'

const TOKEN: TokenBody = {
  ...{ id: 'a', name: 'site', description: 'of the site', host: '', is_internal: false },
  ...{ created_at: '2026-11-22', origin: { type: 'C' } },
  scopes: [{ type: 'PIPES:READ', resource: 'top' }, { type: 'TOKENS' }],
  limits: { rps: 5, max_execution_time: 2 },
}

test('a token that was opened and not changed is sent as it was', () => {
  const { name, description, scopes, limits } = TOKEN
  expect(tokenOf(draftOf(TOKEN))).toEqual({ name, description, scopes, limits })
})

test('a limit that was emptied is none, so that it is taken away', () => {
  const draft = { ...draftOf(TOKEN), limits: { rps: ' ', max_execution_time: '3' } }
  expect(tokenOf(draft).limits).toEqual({ max_execution_time: 3 })
})

test('a token needs a name and complete rights', () => {
  expect(isReady(EMPTY_TOKEN)).toBe(false)
  expect(isReady({ ...EMPTY_TOKEN, name: 'x' })).toBe(false)
  expect(isReady({ ...draftOf(TOKEN), name: ' ' })).toBe(false)
  expect(isReady(draftOf(TOKEN))).toBe(true)
})
