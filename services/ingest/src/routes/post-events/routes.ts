// Where requests like this one went: producers send the same token and target again and again. What is remembered holds as long as the
// catalog would say the very same of the token and of what is live, which is looked at for every request.
import type { IncomingMessage } from 'node:http'
import type { DeployedDataSource, DeploymentMap } from '@sandpiper/deployment'
import type { RowDecoder } from '@sandpiper/rows'
import type { Principal } from '@sandpiper/tokens'
import type { IngestDeps } from '../../ingest-deps.ts'

type TokenRecord = NonNullable<Awaited<ReturnType<IngestDeps['catalog']['findToken']>>>

/** What a request is about, judged in full by an earlier one. */
export interface Route {
  readonly tokenValue: string
  readonly token: TokenRecord
  readonly principal: Principal
  readonly target: DeployedDataSource
  readonly decoder: RowDecoder
}

export interface Routes {
  /** null when it must be judged (again). */
  of(req: IncomingMessage): Route | null
  /** @param map what was live when it was judged. */
  learn(req: IncomingMessage, route: Route, map: DeploymentMap): void
}

interface Known {
  readonly route: Route
  readonly map: WeakRef<DeploymentMap>
}

const ROUTES_MAX = 1_000
/** Of header and target together; longer ones are judged each time. */
const ROUTE_CHARS_MAX = 2_000

export function createRoutes(
  catalog: Pick<IngestDeps['catalog'], 'tokenNow' | 'liveMapNow'>,
): Routes {
  // Maps may be megabytes; the catalog decides how many of them stay.
  const known = new Map<string, Map<string, Known>>()
  let count = 0

  return {
    of({ headers: { authorization = '' }, url = '' }) {
      const found = known.get(authorization)?.get(url)
      if (found === undefined) return null
      const { route, map } = found
      const live = catalog.liveMapNow(route.principal.workspaceId)
      const isSame =
        catalog.tokenNow(route.tokenValue) === route.token &&
        live !== undefined &&
        live === map.deref()
      return isSame ? route : null
    },
    learn({ headers: { authorization = '' }, url = '' }, route, map) {
      if (authorization.length + url.length > ROUTE_CHARS_MAX) return
      if (count >= ROUTES_MAX) {
        known.clear()
        count = 0
      }
      let targets = known.get(authorization)
      if (targets === undefined) {
        targets = new Map()
        known.set(authorization, targets)
      }
      if (!targets.has(url)) count += 1
      targets.set(url, { route, map: new WeakRef(map) })
    },
  }
}
