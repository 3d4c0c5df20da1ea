import { consoleProjectSchema } from '@sandpiper/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { deploy, PROJECT } from '../../../test/deployed-project.ts'
import {
  startDeploymentApi,
  type DeploymentApi,
  type Workspace,
} from '../../../test/start-deployment-api.ts'

let api: DeploymentApi

beforeAll(async () => {
  api = await startDeploymentApi()
})
afterAll(() => api.stop())

const STORE = 'TYPE s3\nS3_REGION eu-west-1\nS3_ACCESS_KEY very_secret_1\nS3_SECRET very_secret_2\n'

async function projectOf(workspace: Workspace, query = ''): Promise<Record<string, string>> {
  const { status, body } = await workspace.call('GET', `/v0/console/project${query}`)
  expect(status).toBe(200)
  const { files } = consoleProjectSchema.parse(body)
  return Object.fromEntries(files.map(({ path, content }) => [path, content]))
}

test('the live project is a project again, without a change, and without a secret', async () => {
  const workspace = await api.workspace()
  expect(await projectOf(workspace)).toEqual({})
  await deploy(workspace, { ...PROJECT, 'store.connection': STORE })
  const files = await projectOf(workspace)
  expect(Object.keys(files)).toEqual([
    'connections/store.connection',
    'datasources/daily.datasource',
    'datasources/events.datasource',
    'endpoints/top.pipe',
    'materializations/to_daily.pipe',
  ])
  expect(JSON.stringify(files)).not.toContain('very_secret')
  const { 'connections/store.connection': _, ...others } = files
  const again = await workspace.project('/v1/deploy?check=true', {
    ...others,
    'store.connection': STORE,
  })
  expect(again).toMatchObject({ result: 'no_changes' })
})

test('a staged deployment is shown beside the live one, to admins of the workspace only', async () => {
  const workspace = await api.workspace()
  await deploy(workspace, PROJECT)
  await workspace.project('/v1/deploy', {
    ...PROJECT,
    'added.pipe': 'NODE one\nSQL >\n    SELECT 1 AS one\n',
  })
  expect(Object.keys(await projectOf(workspace))).not.toContain('pipes/added.pipe')
  expect(Object.keys(await projectOf(workspace, '?__tb__deployment=staging'))).toContain(
    'pipes/added.pipe',
  )
  expect((await workspace.call('GET', '/v0/console/project?__tb__deployment=99')).status).toBe(404)
  expect(await projectOf(await api.workspace())).toEqual({})
  const reader = await api.deps.catalog.createToken({
    ...{ workspaceId: workspace.id, name: 'r', origin: { type: 'C', resourceId: null } },
    scopes: [{ type: 'WORKSPACE:READ_ALL', resource: null, filter: null, fixedParams: null }],
  })
  const headers = { Authorization: `Bearer ${reader.value}` }
  expect((await api.app.request('/v0/console/project', { headers })).status).toBe(403)
})
