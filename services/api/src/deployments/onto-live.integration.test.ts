import { deploySchema } from '@sandpiper/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { deploy, PROJECT } from '../../test/deployed-project.ts'
import {
  startDeploymentApi,
  type DeploymentApi,
  type Workspace,
} from '../../test/start-deployment-api.ts'

let api: DeploymentApi

beforeAll(async () => {
  api = await startDeploymentApi()
})
afterAll(() => api.stop())

const pipe = (column: string): string =>
  `NODE out\nSQL >\n    SELECT 1 AS ${column}\nTYPE endpoint\n`

async function deployed(): Promise<Workspace> {
  const workspace = await api.workspace()
  await deploy(workspace, PROJECT)
  return workspace
}

async function publish(
  workspace: Workspace,
  files: Readonly<Record<string, string>>,
  query: string,
) {
  return deploySchema.parse(await workspace.project(`/v1/deploy?onto=live&${query}`, files))
}

it('files are changes of the live project: what is not sent stays', async () => {
  const workspace = await deployed()
  const body = await publish(workspace, { 'pipes/two.pipe': pipe('x') }, 'auto_promote=true')
  expect(body).toMatchObject({
    result: 'success',
    deployment: { new_pipe_names: ['two'], deleted_pipe_names: [], changed_pipe_names: [] },
  })
  const { pipes, dataSources } = await workspace.map()
  expect(Object.keys(pipes).sort()).toEqual(['to_daily', 'top', 'two'])
  expect(Object.keys(dataSources).sort()).toEqual(['daily', 'events'])
})

it('changes that are published at the same moment are all there', async () => {
  const workspace = await deployed()
  const names = ['a', 'b', 'c']
  await Promise.all(
    names.map((name) => publish(workspace, { [`${name}.pipe`]: pipe(name) }, 'auto_promote=true')),
  )
  expect(Object.keys((await workspace.map()).pipes)).toEqual(expect.arrayContaining(names))
})

it('a removal names its file, and needs the permission that every removal needs', async () => {
  const workspace = await deployed()
  const about = 'auto_promote=true&remove=top.pipe'
  const refused = await publish(workspace, {}, about)
  expect([refused.result, refused.errors?.[0]?.error]).toEqual([
    'failed',
    expect.stringContaining('would be removed'),
  ])
  const done = await publish(workspace, {}, `${about}&allow_destructive_operations=true`)
  expect(done.deployment?.deleted_pipe_names).toEqual(['top'])
  expect(Object.keys((await workspace.map()).pipes)).toEqual(['to_daily'])
  const again = await workspace.call('POST', `/v1/deploy?onto=live&${about}`)
  expect(again.status).toBeGreaterThanOrEqual(400)
})

it('a check changes nothing, and other bases are refused', async () => {
  const workspace = await deployed()
  const body = await publish(workspace, { 'two.pipe': pipe('x') }, 'check=true')
  expect([body.result, body.deployment?.new_pipe_names]).toEqual(['success', ['two']])
  expect(Object.keys((await workspace.map()).pipes)).not.toContain('two')
  for (const query of ['onto=staging', 'remove=top.pipe'])
    expect(await workspace.project(`/v1/deploy?${query}`, PROJECT)).toMatchObject({
      error: expect.stringContaining('onto') as string,
    })
})

it('a deploy of files that lack what was published onto live names it, and removes it only with permission', async () => {
  const workspace = await deployed()
  await publish(workspace, { 'pipes/made_here.pipe': pipe('x') }, 'auto_promote=true')
  for (const more of ['&check=true', '']) {
    const refused = deploySchema.parse(
      await workspace.project(`/v1/deploy?auto_promote=true${more}`, PROJECT),
    )
    expect(refused).toMatchObject({
      result: 'failed',
      deployment: { deleted_pipe_names: ['made_here'] },
      errors: [{ filename: 'made_here.pipe', error: expect.stringContaining('removed') as string }],
    })
    expect((await workspace.call('GET', '/v0/pipes/made_here.json')).status).toBe(200)
  }
  const id = await deploy(workspace, PROJECT, 'auto_promote=true&allow_destructive_operations=true')
  const { body } = await workspace.call('GET', `/v1/deployments/${id}`)
  expect(body).toMatchObject({ deployment: { deleted_pipe_names: ['made_here'] } })
  expect((await workspace.call('GET', '/v0/pipes/made_here.json')).status).toBe(404)
  expect(Object.keys((await workspace.map()).pipes).sort()).toEqual(['to_daily', 'top'])
})
