// What queries of callers may take of the engine: places at work, and memory, time and sizes of each.
import type { ApiConfig } from '@sandpiper/api'
import type { Catalog } from '@sandpiper/catalog'
import { createFairSlots, createPace, type FairSlots } from '@sandpiper/clickhouse'
import { LRUCache } from 'lru-cache'
import { availableParallelism, totalmem } from 'node:os'

import type { Config } from './config.ts'

/** Of the engine's sessions, those that loads and questions of ours always find. */
const SESSIONS_KEPT = 2
/** Places that no heavy query takes while others of its workspace are at work. */
const PLACES_FOR_LIGHT = 2
const GIB = 1_073_741_824

/** Of its time, what a query takes that counts as a heavy one. */
const HEAVY_SHARE = 0.1

/** Places for queries, in all and for one workspace, and for heavy ones: as many as there are processors at first. */
export function querySlots(config: Config): FairSlots {
  const { queryLimits, querySeconds } = config
  const sessions = config.clickhouse === null ? config.engineSessions - SESSIONS_KEPT : Infinity
  const max = Math.max(1, Math.min(queryLimits.runningMax, sessions))
  const heavyPlacesMax = Math.max(1, max - PLACES_FOR_LIGHT)
  return createFairSlots({
    max,
    perKeyMax: Math.min(queryLimits.runningPerWorkspaceMax, max),
    waitingPerKeyMax: queryLimits.waitingPerWorkspaceMax,
    waitMs: queryLimits.waitSeconds * 1_000,
    pace: createPace({
      heavyMs: querySeconds * 1_000 * HEAVY_SHARE,
      heavyPlaces: Math.min(availableParallelism(), heavyPlacesMax),
      heavyPlacesMax,
      now: () => performance.now(),
    }),
  })
}

/**
 * The same places by main workspaces: branches count with theirs, else whoever makes branches would have as many shares. Whose branch
 * one is never changes, so each is asked for once.
 */
export function countBranches(
  slots: FairSlots,
  catalog: Pick<Catalog, 'findWorkspace'>,
): FairSlots {
  const mains = new LRUCache<string, string>({ max: MAINS_MAX })
  const mainOf = async (id: string): Promise<string> => {
    const main = (await catalog.findWorkspace(id))?.mainId ?? id
    mains.set(id, main)
    return main
  }
  return {
    counters: slots.counters,
    take(id, signal, work) {
      const known = mains.get(id)
      if (known !== undefined) return slots.take(known, signal, work)
      return mainOf(id).then((main) => slots.take(main, signal, work))
    },
  }
}

/** Workspaces and branches whose queries are met. */
const MAINS_MAX = 10_000

/** Limits of one query, and of copies, which are shown beside them. */
export function limitsOfQueries(config: Config) {
  const { memoryBytesMax, resultBytesMax, rowsReadMax, bytesReadMax, astElementsMax } =
    config.queryLimits
  return {
    queryTimeoutSeconds: config.querySeconds,
    queryMemoryBytesMax: memoryBytesMax ?? memoryShare(config),
    queryRowsReadMax: rowsReadMax,
    queryBytesReadMax: bytesReadMax,
    queryAstElementsMax: astElementsMax,
    resultBytesMax,
    copySeconds: config.copies.seconds,
    copyBytesMax: config.copies.bytesMax,
  } satisfies Partial<ApiConfig>
}

/** What the query of a copy may take beside its time and its result: as any other, but it needs no share of the memory, for few run at once. */
export function copyQueryLimits({ queryLimits }: Config) {
  const { memoryBytesMax, rowsReadMax, bytesReadMax, astElementsMax } = queryLimits
  return { memoryBytesMax: memoryBytesMax ?? undefined, rowsReadMax, bytesReadMax, astElementsMax }
}

/** Queries of one workspace together leave a fifth of the engine's memory to loads and merges. */
function memoryShare({ engineMemoryBytesMax, queryLimits }: Config): number {
  const all = engineMemoryBytesMax ?? Math.min(totalmem() / 2, 8 * GIB)
  return Math.min(2 * GIB, Math.floor((0.8 * all) / queryLimits.runningPerWorkspaceMax))
}
