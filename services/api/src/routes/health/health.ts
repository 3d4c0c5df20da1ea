// Whether this server can do its work: for load balancers and for scripts that wait for a start. Without a token it tells
// which part is away and nothing more; to holders of a static token of any workspace the version, too.
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { PRODUCT_VERSION } from '../../product-version.ts'

const NO_WORKSPACE = '00000000-0000-0000-0000-000000000000'
const PATIENCE_MS = 2_000

/** `/v0/health`: 200 when catalog and engine answer within 2 s, else 503. */
export function healthRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v0/health', async (c) => {
    const [catalog, engine] = await Promise.all([
      answers(deps.catalog.findWorkspace(NO_WORKSPACE).then(() => true)),
      answers(deps.clickhouse.ping()),
    ])
    const word = (isUp: boolean): string => (isUp ? 'ok' : 'unavailable')
    const isUp = catalog && engine
    const known = catalog && (await isKnown(c, deps))
    const body = {
      ...{ status: word(isUp), catalog: word(catalog), engine: word(engine) },
      ...(known ? { version: PRODUCT_VERSION } : {}),
    }
    return isUp ? c.json(body) : c.json(body, 503, { 'Retry-After': '1' })
  })
}

/** However the token is refused, the answer is that of nobody. */
async function isKnown(c: Context<ApiEnv>, deps: Pick<ApiDeps, 'catalog'>): Promise<boolean> {
  if (c.req.header('Authorization') === undefined) return false
  return answers(authorizeRequest(c, deps).then(() => true))
}

async function answers(question: Promise<boolean>): Promise<boolean> {
  const patience = new Promise<boolean>((resolve) => {
    setTimeout(resolve, PATIENCE_MS, false).unref()
  })
  // However it fails, the answer is the same: away.
  return Promise.race([question.catch(() => false), patience])
}
