import { plainDataSource } from '@sandpiper/datafile'
import { emptyMap, type DeploymentMap } from '@sandpiper/deployment'
import { describe, expect, test } from 'vitest'

import { tokenQuota } from './token-quota.ts'
import { principalIn } from './principal-in.ts'
import type { Principal, Scope } from './principal.ts'
import { createRequestQuota } from './request-quota.ts'
import { mayAppend, mayReadDataSource, mayReadPipe } from './rights.ts'

const EVENTS = `t_${'1'.repeat(32)}`
const KPIS = `t_${'2'.repeat(32)}`
const at = { createdAt: '', updatedAt: '' }
const map: DeploymentMap = {
  ...emptyMap(),
  dataSources: {
    events: {
      id: EVENTS,
      generation: 1,
      schemaVersion: 1,
      ...at,
      file: plainDataSource('events', []),
    },
  },
  pipes: {
    kpis: {
      ...{ id: KPIS, nodeIds: [], view: null, ...at },
      file: {
        ...{ kind: 'pipe', name: 'kpis', nodes: [] },
        ...{ description: null, tokens: [], tags: null, settings: {} },
      },
    },
  },
}

function jwtOf(...scopes: [Scope['type'], string][]): Principal {
  return {
    ...{ workspaceId: 'w', tokenId: 'jwt_1', tokenName: 'n', kind: 'jwt' },
    scopes: scopes.map(([type, resource]) => ({
      ...{ type, resource, filter: null, fixedParams: null },
    })),
  }
}

describe('the names in a JWT', () => {
  test('mean what the map of the request says, and nothing before', () => {
    const caller = jwtOf(
      ['DATASOURCES:READ', 'events'],
      ['PIPES:READ', 'kpis'],
      ['DATASOURCES:APPEND', EVENTS],
    )
    expect(mayReadPipe(caller, KPIS)).toBe(false)
    expect(mayReadDataSource(caller, EVENTS).allowed).toBe(false)
    const known = principalIn(map, caller)
    expect(mayReadPipe(known, KPIS)).toBe(true)
    expect(mayReadDataSource(known, EVENTS).allowed).toBe(true)
    expect(mayAppend(known, EVENTS)).toBe(true)
    expect(principalIn(emptyMap(), caller).scopes).toEqual([])
  })

  test('of one kind never mean a thing of the other', () => {
    const crossed = principalIn(map, jwtOf(['PIPES:READ', 'events'], ['DATASOURCES:READ', 'kpis']))
    expect(crossed.scopes).toEqual([])
    expect(principalIn(map, jwtOf(['PIPES:READ', '__proto__'])).scopes).toEqual([])
  })

  test('may be those of service data sources, to read', () => {
    const name = 'tinybird.pipe_stats_rt'
    const of = (type: Scope['type']): unknown => principalIn(map, jwtOf([type, name])).scopes.length
    expect([of('DATASOURCES:READ'), of('DATASOURCES:APPEND'), of('PIPES:READ')]).toEqual([1, 0, 0])
  })

  test('change nothing about a static token', () => {
    const caller: Principal = { ...jwtOf(['PIPES:READ', KPIS]), kind: 'static' }
    expect(principalIn(emptyMap(), caller)).toBe(caller)
  })
})

test('JWTs of one name share a bucket in their workspace, whatever their limits; others have their own, or none', () => {
  const quota = createRequestQuota(() => 0)
  const left = (changes: Partial<Principal>): number | undefined =>
    tokenQuota(quota, {
      ...{ ...jwtOf(), limits: { token: { rps: 2 }, workspace: {} } },
      ...changes,
    })?.remaining
  expect([left({}), left({ tokenId: 'jwt_2' }), left({})]).toEqual([1, 0, 0])
  expect(left({ tokenName: 'other' })).toBe(1)
  expect(left({ workspaceId: 'v' })).toBe(1)
  expect(tokenQuota(quota, jwtOf())).toBeNull()
})
