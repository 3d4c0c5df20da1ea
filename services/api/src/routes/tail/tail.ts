// `GET /v0/datasources/{name}/tail`: events as they are taken, refused ones with their reasons, as server-sent events. For who may read
// every row; the right is looked at again each second, for as long as somebody watches.
import type { TailBegin } from '@sandpiper/contracts'
import type { DeployedDataSource } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import type { Logger } from '@sandpiper/telemetry'
import { mayReadEveryRow, principalIn, type Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv, RouteDeps } from '../../app.ts'
import { authorizeReader } from '../../authorize.ts'
import { TAP_LIMITS } from '../../tail/event-tap.ts'
import { dataSourceFor } from '../data-sources/find-for-caller.ts'
import { BATCH_MS, tailStream } from './tail-stream.ts'

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  // nginx would keep it back until it is long enough.
  'X-Accel-Buffering': 'no',
}

/** Adds the route; without a tap there is none. */
export function tailRoutes(app: ApiApp, deps: RouteDeps): void {
  const { tap } = deps
  if (tap === undefined) return
  app.get('/v0/datasources/:name/tail', async (c) => {
    const name = c.req.param('name')
    const source = await watchable(c, deps, name)
    await deps.limits.countCaller(c, source.principal)
    await deps.limits.countWorkspace(c, source.principal)
    const tokenKey = keyOf(source.principal)
    // Branches take places of their workspace, else whoever makes branches could take those of all.
    const workspaceId =
      (await deps.catalog.findWorkspace(source.workspaceId))?.mainId ?? source.workspaceId
    const begin: TailBegin = {
      data_source: { id: source.id, name: source.name },
      rows_per_second_max: (TAP_LIMITS.rowsMax * 1_000) / BATCH_MS,
    }
    const body = tailStream({
      begin: { event: 'begin', data: JSON.stringify(begin) },
      watch: (onEnd) => tap.watch({ workspaceId, dataSourceId: source.id, tokenKey }, onEnd),
      // By its id: a name may belong to another one by now.
      reasonToEnd: () => reasonToEnd(() => watchable(c, deps, source.id), deps.logger),
    })
    return new Response(body, { headers: HEADERS })
  })
}

interface Watched {
  readonly principal: Principal
  readonly workspaceId: string
  readonly id: string
  readonly name: string
}

/** @throws fault `auth.denied`, also for a token whose right has a filter: refused lines and counts know none. */
async function watchable(c: Context<ApiEnv>, deps: ApiDeps, nameOrId: string): Promise<Watched> {
  const caller = await authorizeReader(c, deps)
  const { map } = await deps.catalog.liveMap(caller.workspaceId)
  const principal = principalIn(map, caller)
  const may = ({ id }: DeployedDataSource): boolean => mayReadEveryRow(principal, id)
  const { id, file } = dataSourceFor(map, principal, nameOrId, may)
  return { principal, workspaceId: caller.workspaceId, id, name: file.name }
}

/** JWTs of one name are one caller, as their requests are: whoever signs them could make as many as he likes. */
function keyOf({ kind, tokenId, tokenName, workspaceId }: Principal): string {
  return kind === 'jwt' ? `${workspaceId} ${tokenName}` : tokenId
}

/** What to tell who may not watch any more; null while he may, and while nobody can say. */
async function reasonToEnd(look: () => Promise<unknown>, logger: Logger): Promise<string | null> {
  try {
    await look()
    return null
  } catch (err) {
    if (err instanceof Fault) return err.status < 500 ? err.details.public : null
    logger.error({ err }, 'bug')
    return 'Internal error.'
  }
}
