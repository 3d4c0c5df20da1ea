import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCatalog, type TestCatalog } from './test-catalog.fixture.ts'

let world: TestCatalog
beforeAll(async () => {
  world = await startCatalog()
}, 60_000)
afterAll(() => world.stop())

test('a data source that was paused stays it until somebody says otherwise, in its workspace only', async () => {
  const { catalog } = world
  const { workspace } = await catalog.createWorkspace({ name: 'kafka' })
  const other = await catalog.createWorkspace({ name: 'other' })
  const branch = await catalog.createWorkspace({ name: 'b', mainId: workspace.id })
  const set = async (state: 'running' | 'paused') =>
    catalog.setKafkaState({ workspaceId: workspace.id, dataSourceId: 't_1', state })
  await set('paused')
  await set('paused')
  expect([...(await catalog.kafkaStates(workspace.id))]).toEqual([['t_1', 'paused']])
  expect([...(await catalog.kafkaStates(other.workspace.id))]).toEqual([])
  expect([...(await catalog.kafkaStates())]).toEqual([['t_1', 'paused']])
  await set('running')
  expect((await catalog.kafkaStates()).get('t_1')).toBe('running')
  expect(await catalog.liveDeployments()).toContainEqual({
    ...{ workspaceId: branch.workspace.id, mainId: workspace.id, number: 0 },
  })
  await catalog.removeWorkspace(workspace.id)
  expect([...(await catalog.kafkaStates())]).toEqual([])
})
