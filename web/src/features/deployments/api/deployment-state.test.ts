import type { DeploymentBody } from '@sandpiper/contracts'
import { describe, expect, test } from 'vitest'

import { canDiscard, canPromote, isMoving, stateOf, stepsOf } from './deployment-state.ts'

function deployment(id: string, status: DeploymentBody['status'], live = false): DeploymentBody {
  const names = {
    ...{ new_pipe_names: [], changed_pipe_names: [], deleted_pipe_names: [] },
    ...{ new_datasource_names: [], changed_datasource_names: [], deleted_datasource_names: [] },
    new_data_connector_names: [],
    changed_data_connector_names: [],
    deleted_data_connector_names: [],
  }
  const times = { created_at: '', updated_at: '' }
  return { id, status, live, ...times, ...names, feedback: [], errors: [] }
}

describe('what may be done with a deployment', () => {
  const live = deployment('3', 'data_ready', true)
  const staged = deployment('4', 'data_ready')
  const failed = deployment('5', 'failed')
  const old = deployment('2', 'data_ready')
  const all = [failed, staged, live, old]

  test('promote: the staged one, not the live, a failed or an older one', () => {
    expect(all.filter((each) => canPromote(each, all))).toEqual([staged])
  })

  test('discard: what is staged or failed, never the live one or what came before', () => {
    expect(all.filter((each) => canDiscard(each, all))).toEqual([failed, staged])
  })

  test('numbers are compared as numbers', () => {
    const tenth = deployment('10', 'data_ready')
    expect(canPromote(tenth, [tenth, deployment('9', 'data_ready', true)])).toBe(true)
  })
})

test('one that is being made shows where it is', () => {
  const making = deployment('4', 'creating_schema')
  expect([stateOf(making).word, isMoving(making)]).toEqual(['Being made', true])
  expect(stepsOf(making).map(({ state }) => state)).toEqual([
    'done',
    'now',
    'ahead',
    'ahead',
    'ahead',
  ])
})

test('a live one has every step behind it, a staged one is not live yet', () => {
  expect(stepsOf(deployment('1', 'data_ready', true)).map(({ state }) => state)).toEqual(
    Array(5).fill('done'),
  )
  expect(stepsOf(deployment('1', 'data_ready')).at(-1)).toEqual({ label: 'Live', state: 'ahead' })
})
