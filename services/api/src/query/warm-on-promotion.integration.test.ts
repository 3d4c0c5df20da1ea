// The engine's parsing of a long statement takes milliseconds: whoever calls an endpoint first after a promotion does not wait for it.
import { afterAll, beforeAll, expect, test } from 'vitest'

import { deploy, PROJECT } from '../../test/deployed-project.ts'
import { startDeploymentApi, type DeploymentApi } from '../../test/start-deployment-api.ts'
import { createApiApp } from '../app.ts'
import { allRoutes } from '../routes/all-routes.ts'

let api: DeploymentApi

beforeAll(async () => {
  api = await startDeploymentApi()
})
afterAll(() => api.stop())

test('endpoints are judged when they go live, and their first call asks for nothing but its rows', async () => {
  const asked: string[] = []
  const { clickhouse } = api.deps
  const watched: typeof clickhouse = {
    ...clickhouse,
    async query(request) {
      const reply = await clickhouse.query(request)
      asked.push(request.sql)
      return reply
    },
  }
  const app = createApiApp({ ...api.deps, clickhouse: watched }, allRoutes)
  const workspace = await api.workspace()
  await deploy(workspace, PROJECT)
  await expect.poll(() => asked).toEqual([expect.stringMatching(/^EXPLAIN AST .*path/s)])
  const headers = { Authorization: `Bearer ${workspace.token}` }
  const answer = await app.request('/v0/pipes/top.json?least=2', { headers })
  expect(answer.status).toBe(200)
  expect(asked.slice(1)).toEqual([expect.stringMatching(/^SELECT path/)])
})
