import { expect, test } from 'vitest'

import { type Act, mayDo } from './rights.ts'

const ACTS: readonly Act[] = [
  'change the workspace',
  'create data sources',
  'run nodes',
  'manage tokens',
  { append: 'visits' },
  { replace: 'visits' },
  { drop: 'visits' },
]

test.each([
  [[{ type: 'ADMIN' }], ACTS],
  [[{ type: 'ADMIN_USER' }], ACTS],
  [[{ type: 'WORKSPACE:READ_ALL' }], []],
  [[{ type: 'PIPES:READ', resource: 'visits' }], []],
  [[{ type: 'PIPES:CREATE' }], ['run nodes']],
  [[{ type: 'TOKENS' }], ['manage tokens']],
  [
    [{ type: 'DATASOURCES:CREATE' }],
    ['create data sources', { append: 'visits' }, { replace: 'visits' }],
  ],
  [[{ type: 'DATASOURCES:APPEND', resource: 'visits' }], [{ append: 'visits' }]],
  [[{ type: 'DATASOURCES:APPEND', resource: 'others' }], []],
  [[{ type: 'DATASOURCES:DROP', resource: 'visits' }], [{ drop: 'visits' }]],
  [
    [
      { type: 'DATASOURCES:APPEND', resource: 'visits' },
      { type: 'DATASOURCES:DROP', resource: 'visits' },
    ],
    [{ append: 'visits' }, { replace: 'visits' }, { drop: 'visits' }],
  ],
])('%j may do only what its rights say', (scopes, allowed) => {
  expect(ACTS.filter((act) => mayDo(scopes, act))).toEqual(allowed)
})
