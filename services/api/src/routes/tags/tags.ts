// Tags: words on resources, for lists of clients. Needs ADMIN; nothing here goes by them.
import type { Tag } from '@sandpiper/catalog'
import { tagInputSchema, wireTime, type TagBody } from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'
import { readParams } from '../../read-params.ts'

/** `/v0/tags[/{name}]`. */
export function tagRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/tags', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    return c.json({ tags: (await deps.catalog.listTags(workspaceId)).map(bodyOf) })
  })
  app.post('/v0/tags', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const { name, resources = [] } = await readTag(c)
    if (name === undefined) throw invalid()
    return c.json(bodyOf(await deps.catalog.createTag(workspaceId, { name, resources })))
  })
  app.get('/v0/tags/:name', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    return c.json(bodyOf(await existing(deps, workspaceId, c.req.param('name'))))
  })
  app.put('/v0/tags/:name', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const before = await existing(deps, workspaceId, c.req.param('name'))
    const { name = before.name, resources = before.resources } = await readTag(c)
    const change = { name, resources }
    const changed = await deps.catalog.updateTag(workspaceId, before.name, change)
    if (changed === null) throw missing(before.name)
    return c.json(bodyOf(changed))
  })
  app.delete('/v0/tags/:name', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    const name = c.req.param('name')
    if (!(await deps.catalog.removeTag(workspaceId, name))) throw missing(name)
    return c.json({ ok: true })
  })
}

async function existing(deps: ApiDeps, workspaceId: string, name: string): Promise<Tag> {
  const found = (await deps.catalog.listTags(workspaceId)).find((each) => each.name === name)
  if (found === undefined) throw missing(name)
  return found
}

async function readTag(c: Context<ApiEnv>): Promise<Pick<Partial<Tag>, 'name' | 'resources'>> {
  const { json, values } = await readParams(c)
  const name = values.get('name')
  const read = tagInputSchema.safeParse(json ?? (name === null ? {} : { name }))
  if (!read.success) throw invalid()
  return {
    ...(read.data.name === undefined ? {} : { name: read.data.name }),
    ...(read.data.resources === undefined ? {} : { resources: read.data.resources }),
  }
}

function invalid(): Error {
  return fault('request.invalid', {
    public:
      'A tag is {"name": ..., "resources": [{"id": ..., "name": ..., "type": ...}]}: a name of 1 to 128 characters, and at most 1,000 resources.',
  })
}

function missing(name: string): Error {
  return fault('resource.missing', { public: `Tag '${name.slice(0, 128)}' not found` })
}

function bodyOf({ name, resources, createdAt, updatedAt }: Tag): TagBody {
  return { name, resources, created_at: wireTime(createdAt), updated_at: wireTime(updatedAt) }
}
