// What queries of callers may take of the engine: places at work, and memory, time and sizes of each.
import type { ApiConfig } from '@sandpiper/api'
import { createFairSlots, type FairSlots } from '@sandpiper/clickhouse'
import { totalmem } from 'node:os'

import type { Config } from './config.ts'

/** Of the engine's sessions, those that loads and questions of ours always find. */
const SESSIONS_KEPT = 2
const GIB = 1_073_741_824

/** Places for queries, in all and for one workspace. */
export function querySlots({ queryLimits, engineSessions }: Config): FairSlots {
  const max = Math.max(1, Math.min(queryLimits.runningMax, engineSessions - SESSIONS_KEPT))
  return createFairSlots({
    max,
    perKeyMax: Math.min(queryLimits.runningPerWorkspaceMax, max),
    waitingPerKeyMax: queryLimits.waitingPerWorkspaceMax,
    waitMs: queryLimits.waitSeconds * 1_000,
  })
}

/** Limits of one query. */
export function limitsOfQueries(
  config: Config,
): Pick<
  ApiConfig,
  'queryTimeoutSeconds' | 'resultBytesMax' | 'queryMemoryBytesMax' | 'queryRowsReadMax'
> {
  const { memoryBytesMax, resultBytesMax, rowsReadMax } = config.queryLimits
  return {
    queryTimeoutSeconds: config.querySeconds,
    queryMemoryBytesMax: memoryBytesMax ?? memoryShare(config),
    queryRowsReadMax: rowsReadMax,
    resultBytesMax,
  }
}

/** Queries of one workspace together leave a fifth of the engine's memory to loads and merges. */
function memoryShare({ engineMemoryBytesMax, queryLimits }: Config): number {
  const all = engineMemoryBytesMax ?? Math.min(totalmem() / 2, 8 * GIB)
  return Math.min(2 * GIB, Math.floor((0.8 * all) / queryLimits.runningPerWorkspaceMax))
}
