// How many requests a tenant may send: a bucket per workspace, data source, endpoint or named JWT, never per address, so that a forged
// X-Forwarded-For buys nothing. A bucket holds one second's worth and fills evenly, on a clock that never goes back.
import { fault } from '@sandpiper/faults'

/** Buckets kept; full ones are forgotten first, which changes nothing. */
const BUCKETS_MAX = 10_000

/** What is left of a limit after a request, as it is told in the answer (`X-RateLimit-*`). */
export interface Quota {
  readonly limit: number
  readonly remaining: number
  /** Seconds until the whole limit is there again, rounded up. */
  readonly resetSeconds: number
  /** Seconds until one more request is taken; 0 when this one was. */
  readonly retrySeconds: number
}

/** Buckets by key; at most 10,000 of them. */
export interface RequestQuota {
  /** Takes one request from the bucket, if it has one. @param key whose it is. @param perSecond requests a second, at least 1. */
  take(key: string, perSecond: number): Quota
}

/** As RequestQuota; the buckets may be shared with other processes, and then the answer takes a moment. Never rejects. */
export interface SharedQuota {
  take(key: string, perSecond: number): Quota | Promise<Quota>
}

/** What is counted in buckets of its own. */
export type QuotaKind = 'token' | 'events' | 'data_source' | 'queries' | 'endpoint'

/** Makes or finds the buckets of a kind. */
export type QuotaOf = (kind: QuotaKind) => SharedQuota

interface Bucket {
  level: number
  filledAtMs: number
}

/** Makes empty buckets, which count as full. @param monotonicMs milliseconds that never go back. */
export function createRequestQuota(monotonicMs: () => number): RequestQuota {
  const buckets = new Map<string, Bucket>()
  let sweptAtMs = Number.NEGATIVE_INFINITY

  function bucketOf(key: string, perSecond: number, now: number): Bucket {
    const known = buckets.get(key)
    if (known !== undefined) return known
    if (buckets.size >= BUCKETS_MAX) forget(now)
    const bucket = { level: perSecond, filledAtMs: now }
    buckets.set(key, bucket)
    return bucket
  }

  /** The full ones, else the one that was made first. */
  function forget(now: number): void {
    if (now - sweptAtMs >= 1_000) {
      sweptAtMs = now
      for (const [key, bucket] of buckets) if (now - bucket.filledAtMs >= 1_000) buckets.delete(key)
    }
    const oldest = buckets.keys().next().value
    if (buckets.size >= BUCKETS_MAX && oldest !== undefined) buckets.delete(oldest)
  }

  return {
    take(key, perSecond) {
      const now = monotonicMs()
      const bucket = bucketOf(key, perSecond, now)
      const filled = ((now - bucket.filledAtMs) * perSecond) / 1_000
      bucket.level = Math.min(perSecond, bucket.level + filled)
      bucket.filledAtMs = now
      const isTaken = bucket.level >= 1
      if (isTaken) bucket.level -= 1
      return {
        limit: perSecond,
        remaining: Math.floor(bucket.level),
        resetSeconds: Math.ceil((perSecond - bucket.level) / perSecond),
        retrySeconds: isTaken ? 0 : Math.max(1, Math.ceil((1 - bucket.level) / perSecond)),
      }
    },
  }
}

/**
 * Ends a request for which there was no room.
 * @param advice what else may help; default: to try again.
 * @throws fault `limit.rate` (429) with Retry-After when the quota had no request left.
 */
export function refuseAbove(quota: Quota, what: string, advice = 'Try again.'): void {
  if (quota.retrySeconds === 0) return
  throw fault('limit.rate', {
    public: `${what} takes at most ${quota.limit} requests per second. ${advice}`,
    headers: { 'Retry-After': String(quota.retrySeconds) },
  })
}
