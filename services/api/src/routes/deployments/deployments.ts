// /v1/build, /v1/deploy and /v1/deployments*: the whole project is the desired state, applied or not at all.
import type { Deployment } from '@sandpiper/catalog'
import { fault } from '@sandpiper/faults'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'
import { deployerOf } from '../../deployments/recover-deployments.ts'
import { isOn } from '../../read-params.ts'
import { buildBody, deployBody, deploymentBody } from './deployment-body.ts'
import { readProject } from './read-project.ts'

/** Adds the routes. */
export function deploymentRoutes(app: ApiApp, deps: ApiDeps): void {
  const deployer = deployerOf(deps)
  const projectBytesMax = deps.config.bodyBytesMax

  app.post('/v1/build', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const files = await readProject(c, projectBytesMax)
    const options = { check: false, autoPromote: true, allowDestructive: true }
    const outcome = await deployer.deploy({ workspaceId, kind: 'build', files, ...options })
    return c.json(buildBody(outcome, (await deps.catalog.liveMap(workspaceId)).number))
  })

  app.post('/v1/deploy', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const outcome = await deployer.deploy({
      workspaceId,
      kind: 'deploy',
      files: await readProject(c, projectBytesMax),
      ...ontoOf(c.req.query('onto'), c.req.queries('remove') ?? []),
      check: isOn(c.req.query('check')),
      autoPromote: isOn(c.req.query('auto_promote')),
      allowDestructive: isOn(c.req.query('allow_destructive_operations')),
    })
    return c.json(deployBody(outcome, new Date(deps.now()).toISOString()))
  })

  app.get('/v1/deployments', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const includeDeleted = isOn(c.req.query('include_deleted'))
    const deployments = await deps.catalog.listDeployments(workspaceId, { includeDeleted })
    return c.json({
      deployments: deployments
        .filter((each) => includeDeleted || isShown(each))
        .map(deploymentBody),
    })
  })

  app.get('/v1/deployments/:id', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const number = readNumber(c.req.param('id'))
    const found = await deps.catalog.findDeployment(workspaceId, number)
    if (found === null) throw missing(number)
    return c.json({ result: 'success', deployment: deploymentBody(found) })
  })

  app.delete('/v1/deployments/:id', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const deployment = await deployer.discard(workspaceId, readNumber(c.req.param('id')))
    return c.json({ result: 'success', deployment: deploymentBody(deployment) })
  })

  app.post('/v1/deployments/:id/set-live', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const deployment = await deployer.setLive(workspaceId, readNumber(c.req.param('id')))
    return c.json({ result: 'success', deployment: deploymentBody(deployment) })
  })
}

/** `onto=live`: the files are changes of what is live; `remove` names files of it that are to go, such as `top_pages.pipe`. */
function ontoOf(
  onto: string | undefined,
  removed: readonly string[],
): { readonly onto?: { readonly removed: readonly string[] } } {
  if (onto === 'live') return { onto: { removed } }
  if (onto === undefined && removed.length === 0) return {}
  throw fault('request.invalid', {
    public: "'onto' may only be 'live', and 'remove' is only for onto=live.",
  })
}

/** A replaced deployment whose tables are still being removed is gone for its users. */
function isShown({ live, status }: Deployment): boolean {
  return live || status !== 'deleting'
}

function readNumber(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text)
  throw fault('resource.missing', { public: `Deployment ${text.slice(0, 50)} not found.` })
}

function missing(number: number) {
  return fault('resource.missing', { public: `Deployment ${number} not found.` })
}
