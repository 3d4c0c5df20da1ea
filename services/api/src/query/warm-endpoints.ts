// The gate judges a shape of a statement once, and the engine takes milliseconds to parse a long one: of all endpoints of a deployment
// but the one that was called first, that is done before they are called, with the values that their templates have by default.
import type { DeploymentMap } from '@sandpiper/deployment'
import {
  compilePipe,
  EVERYTHING,
  hideSecrets,
  NO_SECRETS,
  usesSecrets,
  type CompiledQuery,
} from '@sandpiper/pipes'

import type { ApiDeps } from '../api-deps.ts'

/** Called with each map that went live and each live one that a caller reads: the first time its endpoints are judged, one after another, and nobody waits. */
export type WarmEndpoints = (workspaceId: string, map: DeploymentMap) => void

/** Endpoints of one deployment. */
const ENDPOINTS_MAX = 200

/** @param check judges a query; what it refuses is refused again when it is called, then with an answer. */
export function createWarmEndpoints(
  deps: Pick<ApiDeps, 'catalog' | 'logger'>,
  check: (compiled: CompiledQuery) => Promise<void>,
): WarmEndpoints {
  const seen = new WeakSet<DeploymentMap>()
  // One workspace after another: this is never more than one of the engine's sessions.
  let work = Promise.resolve()

  async function warm(workspaceId: string, map: DeploymentMap): Promise<void> {
    // Only the names count: a secret stands in a statement as any other value.
    const secrets = usesSecrets(map)
      ? hideSecrets(await deps.catalog.secretsOf(workspaceId))
      : NO_SECRETS
    const scope = { workspaceId, map, params: {}, secrets, authority: EVERYTHING }
    const endpoints = Object.values(map.pipes).filter(({ file }) =>
      file.nodes.some(({ type }) => type === 'endpoint'),
    )
    for (const { id } of endpoints.slice(0, ENDPOINTS_MAX)) {
      try {
        await check(compilePipe(scope, { pipe: id }))
      } catch {
        // It needs a parameter, or does not hold: its callers are told.
      }
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  return (workspaceId, map) => {
    if (seen.has(map)) return
    seen.add(map)
    work = work
      .then(() => warm(workspaceId, map))
      .catch((err: unknown) => {
        deps.logger.debug({ err, workspaceId }, 'endpoints were not judged ahead')
      })
  }
}
