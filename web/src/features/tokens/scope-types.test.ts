import { expect, test } from 'vitest'

import { isComplete, scopesOf } from './scope-types.ts'

test('a scope of one resource needs its name, one of the workspace takes none', () => {
  expect(isComplete({ type: 'PIPES:READ', resource: '' })).toBe(false)
  expect(isComplete({ type: 'PIPES:READ', resource: 'top' })).toBe(true)
  expect(isComplete({ type: 'TOKENS', resource: '' })).toBe(true)
})

test('a resource that was chosen for another type does not go along', () => {
  const drafts = [
    { type: 'ADMIN', resource: 'left over' },
    { type: 'DATASOURCES:APPEND', resource: 'visits' },
  ]
  expect(scopesOf(drafts)).toEqual([
    { type: 'ADMIN' },
    { type: 'DATASOURCES:APPEND', resource: 'visits' },
  ])
})
