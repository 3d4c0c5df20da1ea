import { consoleProjectSchema, consoleVersionsSchema } from '@sandpiper/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { deploy, edited, PROJECT } from '../../../test/deployed-project.ts'
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

const ALLOWED = 'auto_promote=true&allow_destructive_operations=true'

/** A token that reads everything, and is no admin. */
async function readerOf(workspace: Workspace): Promise<string> {
  const reader = await api.deps.catalog.createToken({
    ...{ workspaceId: workspace.id, name: 'r', origin: { type: 'C', resourceId: null } },
    scopes: [{ type: 'WORKSPACE:READ_ALL', resource: null, filter: null, fixedParams: null }],
  })
  return reader.value
}

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
  const headers = { Authorization: `Bearer ${await readerOf(workspace)}` }
  expect((await api.app.request('/v0/console/project', { headers })).status).toBe(403)
})

async function versionsOf(workspace: Workspace, file: string): Promise<[string, string][]> {
  const path = `/v0/console/project/versions?file=${file}`
  const { status, body } = await workspace.call('GET', path)
  expect(status).toBe(200)
  const { versions } = consoleVersionsSchema.parse(body)
  return versions.map(({ deployment, content }) => [deployment, content])
}

test('what a file was can be read after its deployment is gone, as often as it changed, by admins of the workspace only', async () => {
  const workspace = await api.workspace()
  const least = (number: string) => edited('top.pipe', 'least, 0', `least, ${number}`)
  const { 'top.pipe': _, ...without } = PROJECT
  await deploy(workspace, { ...PROJECT, 'store.connection': STORE })
  const other = 'NODE one\nSQL >\n    SELECT 1 AS one\n'
  await deploy(workspace, { ...PROJECT, 'other.pipe': other }, ALLOWED)
  const changed = await deploy(workspace, least('1'), ALLOWED)
  const discarded = await deploy(workspace, least('2'), '')
  await workspace.call('DELETE', `/v1/deployments/${discarded}`)
  await deploy(workspace, without, ALLOWED)
  const back = await deploy(workspace, least('1'))
  await deploy(workspace, least('3'), '')
  await api.deployer.idle({ cleanNow: true })
  const first = await workspace.call('GET', '/v1/deployments/1')
  expect(first.body).toMatchObject({ deployment: { status: 'deleted' } })

  const versions = await versionsOf(workspace, 'top.pipe')
  expect(versions.map(([number]) => number)).toEqual([back, changed, '1'])
  expect(versions.map(([, text]) => /least, (\d)/.exec(text)?.[1])).toEqual(['1', '1', '0'])
  const live = await projectOf(workspace)
  expect(versions[0]?.[1]).toBe(live['endpoints/top.pipe'])
  expect((await projectOf(workspace, '?__tb__deployment=1'))['endpoints/top.pipe']).toBe(
    versions[2]?.[1],
  )
  const connection = JSON.stringify(await versionsOf(workspace, 'store.connection'))
  expect(connection).toContain('eu-west-1')
  expect(connection).not.toContain('very_secret')

  expect(await versionsOf(await api.workspace(), 'top.pipe')).toEqual([])
  expect(await versionsOf(workspace, '__proto__.pipe')).toEqual([])
  expect((await workspace.call('GET', '/v0/console/project/versions?file=top')).status).toBe(400)
  const headers = { Authorization: `Bearer ${await readerOf(workspace)}` }
  for (const path of ['/versions?file=top.pipe', '?__tb__deployment=1'])
    expect((await api.app.request(`/v0/console/project${path}`, { headers })).status).toBe(403)
})
