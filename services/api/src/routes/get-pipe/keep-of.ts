import type { DeployedPipe } from '@sandpiper/deployment'
import { endpointNode, type CompiledQuery } from '@sandpiper/pipes'

import type { Keep } from '../../query/answer-query.ts'
import type { QueryOptions } from '../../query/query-options.ts'

/** Seconds that an answer may be kept at most. */
const KEEP_SECONDS_MAX = 86_400

/**
 * How the answer of an endpoint may be kept: for the shortest of what its template (`cache_ttl()`) and its node (`CACHE`) allow; null when
 * neither does. What callers make of it with SQL of their own is not kept, nor what is not live.
 */
export function keepOf(asked: {
  readonly pipe: DeployedPipe
  readonly compiled: Pick<CompiledQuery, 'cacheTtlSeconds'>
  readonly options: Pick<QueryOptions, 'q' | 'deployment'>
  readonly fixedParams: Keep['fixedParams']
  readonly deployment: number
}): Keep | null {
  const { pipe, compiled, options, fixedParams, deployment } = asked
  if (options.q !== null || options.deployment !== 'live') return null
  const written = pipe.file.nodes[endpointNode(pipe.file)]?.settings['CACHE']
  const told = [compiled.cacheTtlSeconds, written === undefined ? null : Number(written)].filter(
    (each) => each !== null,
  )
  const ttlSeconds = told.length === 0 ? 0 : Math.min(...told, KEEP_SECONDS_MAX)
  return ttlSeconds > 0 ? { pipeId: pipe.id, deployment, ttlSeconds, fixedParams } : null
}
