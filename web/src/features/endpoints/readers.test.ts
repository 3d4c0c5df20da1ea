import type { TokenBody } from '@sandpiper/contracts'
import { expect, test } from 'vitest'

import { readersOf } from './readers.ts'

const token = (name: string, ...scopes: TokenBody['scopes']): TokenBody => ({
  ...{ id: name, name, token: `p.${name}`, description: '', host: '', is_internal: false },
  ...{ origin: { type: 'C' }, created_at: '', scopes },
})

test('the narrowest token that reaches the endpoint comes first; one that does not is not there', () => {
  const tokens = [
    token('admin', { type: 'ADMIN' }),
    token('all', { type: 'WORKSPACE:READ_ALL' }),
    token('two', { type: 'PIPES:READ', resource: 'a' }, { type: 'PIPES:READ', resource: 'b' }),
    token('one', { type: 'PIPES:READ', resource: 'a' }),
    token('other', { type: 'PIPES:READ', resource: 'b' }),
    token('tracker', { type: 'DATASOURCES:APPEND', resource: 'a' }),
  ]
  expect(readersOf(tokens, 'a').map(({ name, narrow }) => [name, narrow])).toEqual([
    ['one', true],
    ['two', true],
    ['all', false],
    ['admin', false],
  ])
})
