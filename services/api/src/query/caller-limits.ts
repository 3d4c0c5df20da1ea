// What one query of a caller may take: the smallest of what the server, the plan of the workspace and the token allow.
import {
  limitOf,
  limitsOfProcess,
  nameLimit,
  queryLimitsOf,
  type QueryLimits,
} from '@sandpiper/clickhouse'
import { Fault } from '@sandpiper/faults'
import {
  effectiveLimits,
  type EffectiveLimits,
  type Limits,
  type Principal,
} from '@sandpiper/tokens'

import type { ApiConfig } from '../api-deps.ts'

/** Limits of one caller. */
export interface LimitsOfCaller {
  readonly effective: EffectiveLimits
  /** The same, as a query is run. */
  readonly query: QueryLimits
}

/** Tells the limits of callers; most have none of their own and share one answer. */
export function createCallerLimits(
  config: ApiConfig,
): (principal: Pick<Principal, 'limits'>) => LimitsOfCaller {
  const server = limitsOfServer(config)
  const fallback = processLimits(config)
  const made = (effective: EffectiveLimits): LimitsOfCaller => ({
    effective,
    query: queryLimitsOf(effective, fallback),
  })
  const plain = made(effectiveLimits(server))
  return ({ limits }) => (limits === undefined ? plain : made(effectiveLimits(server, limits)))
}

/** All limits of the server; `rps` only where it is configured. */
export function limitsOfServer(config: ApiConfig): Limits {
  const { requestsPerSecond, copySeconds, copyBytesMax } = config
  return {
    ...limitsOfProcess(processLimits(config)),
    ...(typeof requestsPerSecond === 'number' ? { rps: requestsPerSecond } : {}),
    ...(copySeconds === undefined ? {} : { copy_max_execution_time: copySeconds }),
    ...(copyBytesMax === undefined ? {} : { copy_max_result_bytes: copyBytesMax }),
  }
}

/**
 * A failure of a query with the name of the limit that it hit.
 * @param shown what the caller may know of it, made of `err`: the engine's text may be left out of it.
 */
export function withLimitNamed(err: unknown, shown: unknown, limits: EffectiveLimits): unknown {
  if (!(err instanceof Fault) || !(shown instanceof Fault)) return shown
  const hit = limitOf(err, limits)
  return hit === null ? shown : nameLimit(shown, hit)
}

function processLimits(config: ApiConfig): QueryLimits {
  return {
    timeoutSeconds: config.queryTimeoutSeconds,
    resultBytesMax: config.resultBytesMax,
    memoryBytesMax: config.queryMemoryBytesMax,
    rowsReadMax: config.queryRowsReadMax,
    bytesReadMax: config.queryBytesReadMax,
    astElementsMax: config.queryAstElementsMax,
  }
}
