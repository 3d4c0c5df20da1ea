import { expect, test } from 'vitest'

import type { EndpointDescription } from '@/lib/endpoints/endpoint-description.ts'

import { shareableParams, visibleParameters, withoutFixedParam } from './share-params.ts'

const endpoint = (name: string, ...params: string[]): EndpointDescription => ({
  name,
  params: params.map((each) => ({
    name: each,
    kind: 'text',
    type: 'string',
    required: false,
    defaultText: 'x',
  })),
})
const ENDPOINTS = [
  endpoint('visits', 'tenant', 'limit'),
  endpoint('prices', 'limit'),
  endpoint('now'),
]

test('each parameter can be fixed once, and has no default: empty means free', () => {
  expect(shareableParams(ENDPOINTS).map(({ name, defaultText }) => [name, defaultText])).toEqual([
    ['tenant', undefined],
    ['limit', undefined],
  ])
})

test('names the endpoints that a fixed value does not reach', () => {
  expect(withoutFixedParam(ENDPOINTS, { tenant: 'a', limit: '' })).toEqual(['prices', 'now'])
  expect(withoutFixedParam(ENDPOINTS, { tenant: 'a', limit: '3' })).toEqual(['prices', 'now'])
  expect(withoutFixedParam(ENDPOINTS, {})).toEqual([])
})

test('a viewer sees only parameters that some endpoint lets him choose', () => {
  const parameters = [
    { name: 'tenant', type: 'text' as const },
    { name: 'limit', type: 'number' as const },
  ]
  expect(visibleParameters(parameters, [endpoint('visits', 'limit')])).toEqual([parameters[1]])
})
