// Answers of endpoints that asked for it (`CACHE`, `cache_ttl()`), kept for a while in memory. Bounded in bytes and entries: the workspace
// that has most makes room, by what it used longest ago, so that nobody's answers are driven out by those of a busier one. Callers that ask for the same at once wait for one query. An entry is found by its whole key alone, so who may
// share one is decided where keys are made (cache-key.ts); entries of a workspace go when another deployment of it is asked for.

import { wholeBody, wholeResponse } from './whole-response.ts'

/** Bounds of a cache. */
export interface ResultCacheLimits {
  /** Bytes of all kept answers with what surrounds them; 0 keeps none. */
  readonly bytesMax: number
  readonly entriesMax: number
  /** Bytes of one answer; larger ones are not kept. */
  readonly entryBytesMax: number
}

/** Default: 64 MiB, 10_000 answers, 1 MiB each. Larger answers are streamed anyway. */
export const RESULT_CACHE_LIMITS: ResultCacheLimits = {
  bytesMax: 64 * 1_048_576,
  entriesMax: 10_000,
  entryBytesMax: 1_048_576,
}

/** What a cache did since the start; `bytes` and `entries` are of now. */
export interface ResultCacheCounters {
  hits: number
  misses: number
  /** Callers that waited for the query of another. */
  shared: number
  /** Answers dropped for room. */
  evicted: number
  /** Answers dropped because their deployment was replaced. */
  replaced: number
  bytes: number
  entries: number
}

/** Where an answer belongs and for how long. */
export interface CachePlace {
  readonly workspaceId: string
  /** Number of the deployment the answer was made of. */
  readonly deployment: number
  /** Everything the answer depends on, hashed. */
  readonly key: string
  readonly ttlSeconds: number
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal
}

/** A kept answer, or one made now. */
export interface ResultCache {
  /**
   * The answer to a key: kept, being made for another caller, or made by `make`, whose signal aborts when nobody waits any more.
   * Tells which by `X-Cache: HIT` or `MISS`, and `Age` in seconds. Throws what `make` throws; failures are not kept.
   */
  answer(place: CachePlace, make: (signal: AbortSignal) => Promise<Response>): Promise<Response>
  readonly counters: Readonly<ResultCacheCounters>
}

interface Entry {
  readonly workspaceId: string
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string>>
  readonly size: number
  readonly keptAtMs: number
  readonly endsAtMs: number
}

/** One query that several callers may wait for. */
interface Flight {
  readonly leaving: AbortController
  /** null: made, and too large to be shared. */
  readonly kept: Promise<Entry | null>
  waiting: number
}

/** Key, headers and bookkeeping of one entry, about. */
const ENTRY_OVERHEAD_BYTES = 1_024

/** Makes an empty one. @param now unix milliseconds. */
export function createResultCache(
  now: () => number,
  limits: ResultCacheLimits = RESULT_CACHE_LIMITS,
): ResultCache {
  const store = createStore(now, limits)
  const flights = new Map<string, Flight>()
  const { counters } = store

  async function lead(
    place: CachePlace,
    make: (signal: AbortSignal) => Promise<Response>,
  ): Promise<Response> {
    counters.misses += 1
    const leaving = new AbortController()
    let settle: (kept: Entry | null) => void = () => undefined
    let refuse: (err: unknown) => void = () => undefined
    const kept = new Promise<Entry | null>((resolve, reject) => {
      settle = resolve
      refuse = reject
    })
    // Heard by followers only; without one it is no news.
    kept.catch(() => undefined)
    const flight: Flight = { leaving, kept, waiting: 0 }
    flights.set(place.key, flight)
    const leave = join(flight, place.signal)
    try {
      const made = await make(leaving.signal)
      const entry = await entryOf(made, place, limits, now)
      if (entry === null) {
        settle(null)
        // The stream is the leader's alone from here on: it ends when its own caller leaves.
        endWith(place.signal, leaving)
        return tell(made, 'MISS', 0)
      }
      store.put(place.key, entry, place.deployment)
      settle(entry)
      return tell(responseOf(entry), 'MISS', 0)
    } catch (err) {
      refuse(err)
      throw err
    } finally {
      if (flights.get(place.key) === flight) flights.delete(place.key)
      leave()
    }
  }

  return {
    counters,
    async answer(place, make) {
      if (limits.bytesMax === 0) return make(place.signal)
      store.useDeployment(place.workspaceId, place.deployment)
      const known = store.get(place.key)
      if (known !== undefined) {
        counters.hits += 1
        return tell(responseOf(known), 'HIT', Math.floor((now() - known.keptAtMs) / 1000))
      }
      const flight = flights.get(place.key)
      // One that everybody left is being cancelled: nobody may wait for it.
      if (flight === undefined || flight.leaving.signal.aborted) return lead(place, make)
      counters.shared += 1
      const leave = join(flight, place.signal)
      const entry = await flight.kept.finally(leave)
      return entry === null
        ? tell(await make(place.signal), 'MISS', 0)
        : tell(responseOf(entry), 'HIT', 0)
    },
  }
}

/** Counts a caller in; the query ends when the last one has left. */
function join(flight: Flight, signal: AbortSignal): () => void {
  flight.waiting += 1
  let isIn = true
  const gone = (): void => {
    leave()
    if (flight.waiting === 0) flight.leaving.abort()
  }
  const leave = (): void => {
    if (isIn) flight.waiting -= 1
    isIn = false
    signal.removeEventListener('abort', gone)
  }
  if (signal.aborted) gone()
  else signal.addEventListener('abort', gone)
  return leave
}

function endWith(signal: AbortSignal, controller: AbortController): void {
  const end = (): void => {
    controller.abort()
  }
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
}

/** null for what is not kept: streams, failures, large answers. */
async function entryOf(
  made: Response,
  { workspaceId, ttlSeconds }: CachePlace,
  limits: ResultCacheLimits,
  now: () => number,
): Promise<Entry | null> {
  const length = made.headers.get('Content-Length')
  if (made.status !== 200 || length === null || Number(length) > limits.entryBytesMax) return null
  const whole = wholeBody(made) ?? new Uint8Array(await made.arrayBuffer())
  // A small buffer is a piece of a larger one, which would stay with it, uncounted.
  const body = whole.buffer.byteLength === whole.byteLength ? whole : new Uint8Array(whole)
  const keptAtMs = now()
  return {
    ...{ workspaceId, body, keptAtMs },
    headers: Object.fromEntries(made.headers),
    size: body.byteLength + ENTRY_OVERHEAD_BYTES,
    endsAtMs: keptAtMs + ttlSeconds * 1000,
  }
}

function responseOf(entry: Entry): Response {
  return wholeResponse(entry.body, entry.headers)
}

function tell(response: Response, state: 'HIT' | 'MISS', ageSeconds: number): Response {
  response.headers.set('X-Cache', state)
  if (state === 'HIT') response.headers.set('Age', String(Math.max(0, ageSeconds)))
  return response
}

interface Share {
  readonly deployment: number
  /** What was used longest ago first. */
  readonly keys: Set<string>
  bytes: number
}

const NOTHING_YET: ResultCacheCounters = {
  ...{ hits: 0, misses: 0, shared: 0, evicted: 0, replaced: 0, bytes: 0, entries: 0 },
}

function newShare(deployment: number): Share {
  return { deployment, keys: new Set(), bytes: 0 }
}

function largestOf(shares: ReadonlyMap<string, Share>): Share | undefined {
  let largest: Share | undefined
  for (const share of shares.values())
    if (largest === undefined || share.bytes > largest.bytes) largest = share
  return largest
}

function createStore(now: () => number, limits: ResultCacheLimits) {
  const entries = new Map<string, Entry>()
  /** What each workspace has, and the deployment it belongs to; gone with the last key. */
  const shares = new Map<string, Share>()
  const counters: ResultCacheCounters = { ...NOTHING_YET }

  function remove(key: string, entry: Entry): void {
    entries.delete(key)
    counters.bytes -= entry.size
    counters.entries = entries.size
    const share = shares.get(entry.workspaceId)
    if (share === undefined) return
    share.keys.delete(key)
    share.bytes -= entry.size
    if (share.keys.size === 0) shares.delete(entry.workspaceId)
  }

  function useDeployment(workspaceId: string, deployment: number): void {
    const share = shares.get(workspaceId)
    if (share === undefined || share.deployment === deployment) return
    for (const key of share.keys) {
      const entry = entries.get(key)
      if (entry === undefined) continue
      counters.replaced += 1
      remove(key, entry)
    }
  }

  function makeRoom(): void {
    while (counters.bytes > limits.bytesMax || entries.size > limits.entriesMax) {
      const oldest = largestOf(shares)?.keys.values().next().value
      const entry = oldest === undefined ? undefined : entries.get(oldest)
      if (oldest === undefined || entry === undefined) return
      counters.evicted += 1
      remove(oldest, entry)
    }
  }

  return {
    counters,
    useDeployment,
    get(key: string): Entry | undefined {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      const time = now()
      // Or the clock was ahead when it was kept.
      if (entry.endsAtMs <= time || entry.keptAtMs > time) {
        remove(key, entry)
        return undefined
      }
      const keys = shares.get(entry.workspaceId)?.keys
      keys?.delete(key)
      keys?.add(key)
      return entry
    },
    put(key: string, entry: Entry, deployment: number): void {
      const before = entries.get(key)
      if (before !== undefined) remove(key, before)
      useDeployment(entry.workspaceId, deployment)
      entries.set(key, entry)
      counters.bytes += entry.size
      counters.entries = entries.size
      const share = shares.get(entry.workspaceId) ?? newShare(deployment)
      shares.set(entry.workspaceId, share)
      share.keys.add(key)
      share.bytes += entry.size
      makeRoom()
    },
  }
}
