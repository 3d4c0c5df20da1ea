import { expect, test } from 'vitest'

import { draftProblem, jwtBody, type JwtDraft } from './jwt-request.ts'

const draft: JwtDraft = {
  name: ' acme ',
  lifetimeSeconds: 3_600,
  rps: '5',
  rights: [
    { kind: 'endpoint', resource: 'visits', fixed: { tenant: 'acme', limit: '' } },
    { kind: 'endpoint', resource: 'free', fixed: {} },
    { kind: 'data source', resource: 'events', filter: " hostname = 'a' " },
    { kind: 'data source', resource: 'all', filter: ' ' },
  ],
}

test('fixes only what has a value, and sends no empty restriction', () => {
  expect(jwtBody(draft)).toEqual({
    name: 'acme',
    scopes: [
      { type: 'PIPES:READ', resource: 'visits', fixed_params: { tenant: 'acme' } },
      { type: 'PIPES:READ', resource: 'free' },
      { type: 'DATASOURCES:READ', resource: 'events', filter: "hostname = 'a'" },
      { type: 'DATASOURCES:READ', resource: 'all' },
    ],
    limits: { rps: 5 },
  })
  expect(jwtBody({ ...draft, rps: ' ' })).not.toHaveProperty('limits')
})

test('says what is missing', () => {
  expect(draftProblem(draft)).toBeNull()
  expect(draftProblem({ ...draft, name: ' ' })).toMatch(/name/)
  expect(draftProblem({ ...draft, rights: [] })).toMatch(/add an endpoint/)
  for (const rps of ['0', '1.5', '-1', 'x'])
    expect(draftProblem({ ...draft, rps })).toMatch(/whole/)
})
