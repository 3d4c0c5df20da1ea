import { describe, expect, test } from 'vitest'

import { parseScope, printScope } from './scope.ts'

const same = (name: string): string => name

describe('reading and writing', () => {
  test.each([
    'ADMIN',
    'ADMIN_USER',
    'TOKENS',
    'DATASOURCES:CREATE',
    'PIPES:CREATE',
    'WORKSPACE:READ_ALL',
    'ORG_DATASOURCES:READ',
    'DATASOURCES:READ:events',
    'DATASOURCES:APPEND:events',
    'DATASOURCES:DROP:events',
    'PIPES:READ:t_0123',
    'PIPES:DROP:kpis',
  ])('%s comes back as it went in', (text) => {
    expect(printScope(parseScope(text), same)).toBe(text)
  })

  test('a resource is printed by its name', () => {
    expect(printScope(parseScope('PIPES:READ:t_1'), (id) => `name of ${id}`)).toBe(
      'PIPES:READ:name of t_1',
    )
  })
})

describe('refusals', () => {
  test.each([
    '',
    ':',
    'admin',
    'ADMIN:',
    'ADMIN:x',
    'TOKENS:x',
    'DATASOURCES',
    'DATASOURCES:',
    'DATASOURCES:READ',
    'DATASOURCES:READ:',
    'DATASOURCES:CREATE:x',
    'DATASOURCES:READ:events:a = 1',
    'DATASOURCES:READ:events:',
    'PIPES:APPEND:x',
    'PIPES:READ',
    '__proto__',
    'constructor',
    'toString:x',
  ])('%j is no scope', (text) => {
    expect(() => parseScope(text)).toThrow(
      expect.objectContaining({ code: 'request.invalid' }) as Error,
    )
  })
})
