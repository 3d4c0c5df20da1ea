// `/v0/jwks`: which keys beside the admin token may sign JWTs of a workspace. A key that is taken away signs nothing from then on.
import { readPublicJwk, type JwtKey, type JwtSettings } from '@sandpiper/catalog'
import { jwksSchema, type JwksBody } from '@sandpiper/contracts'
import { fault, type Fault } from '@sandpiper/faults'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeAdmin } from '../../authorize.ts'
import { readParams } from '../../read-params.ts'

const NONE: JwtSettings = { keys: [], jwksUrl: null, lifetimeSecondsMax: null }

/** GET shows, PUT replaces, DELETE empties. Needs ADMIN: whoever may sign may read and append what they like. */
export function jwksRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/jwks', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    return c.json(bodyOf(await deps.catalog.jwtSettings(workspaceId)))
  })
  app.put('/v0/jwks', async (c) => c.json(await replace(c, deps)))
  app.delete('/v0/jwks', async (c) => {
    const { workspaceId } = await authorizeAdmin(c, deps)
    await deps.catalog.putJwtSettings(workspaceId, NONE)
    return c.json({ ok: true })
  })
}

async function replace(c: Context<ApiEnv>, deps: ApiDeps): Promise<JwksBody> {
  const { workspaceId } = await authorizeAdmin(c, deps)
  const { json } = await readParams(c)
  const parsed = jwksSchema.safeParse(json ?? {})
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not what it should be'}`)
  }
  const settings = {
    keys: readKeys(parsed.data.keys),
    jwksUrl: parsed.data.url === null ? null : readUrl(parsed.data.url),
    lifetimeSecondsMax: parsed.data.max_lifetime,
  }
  await deps.catalog.putJwtSettings(workspaceId, settings)
  return bodyOf(settings)
}

function readKeys(keys: readonly unknown[]): JwtKey[] {
  const read = new Map<string, JwtKey>()
  for (const each of keys) {
    const key = readPublicJwk(each)
    if (typeof key === 'string') throw invalid(key)
    if (read.has(key.keyId)) throw invalid(`two keys have the kid "${key.keyId}"`)
    read.set(key.keyId, key)
  }
  return [...read.values()]
}

/** Where it leads is judged when it is fetched: a name may lead elsewhere by then. */
function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw invalid('"url" must be an https address without a user')
  return url.href
}

function bodyOf({ keys, jwksUrl, lifetimeSecondsMax }: JwtSettings): JwksBody {
  return {
    keys: keys.map(({ keyId, algorithm, publicJwk }) => ({
      ...{ kid: keyId, alg: algorithm, use: 'sig' },
      ...publicJwk,
    })),
    url: jwksUrl,
    max_lifetime: lifetimeSecondsMax,
  }
}

function invalid(why: string): Fault {
  return fault('request.invalid', { public: `Invalid keys: ${why}.` })
}
