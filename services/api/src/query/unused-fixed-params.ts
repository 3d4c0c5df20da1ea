import type { DeployedPipe, DeploymentMap } from '@sandpiper/deployment'
import { pipeParams } from '@sandpiper/pipes'
import type { Logger } from '@sandpiper/telemetry'
import type { Principal } from '@sandpiper/tokens'

/** Names that were told of a pipe, for as long as its map lives: a warning for each request would fill the log. */
const told = new WeakMap<DeployedPipe, Set<string>>()
const TOLD_MAX = 1_000

/**
 * Warns of parameters that a token fixes and the pipe, with all it reads, does not declare: they restrict nothing, which whoever made the
 * token may not know. Values are not logged.
 */
export function warnUnused(
  logger: Logger,
  call: {
    readonly map: DeploymentMap
    readonly pipe: DeployedPipe
    readonly principal: Principal
    readonly fixedParams: Readonly<Record<string, unknown>>
  },
): void {
  const fixed = Object.keys(call.fixedParams)
  if (fixed.length === 0) return
  const known = told.get(call.pipe) ?? new Set<string>()
  told.set(call.pipe, known)
  const fresh = fixed.filter((name) => !known.has(name))
  if (fresh.length === 0 || known.size >= TOLD_MAX) return
  for (const name of fresh) known.add(name)
  const declared = new Set(pipeParams(call.map, call.pipe).map(({ name }) => name))
  const unused = fresh.filter((name) => !declared.has(name))
  if (unused.length === 0) return
  const { workspaceId, tokenName } = call.principal
  logger.warn(
    { workspaceId, tokenName, pipe: call.pipe.file.name, unused },
    'a token fixes parameters that the pipe does not declare: they restrict nothing',
  )
}
