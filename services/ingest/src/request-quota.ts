// How many requests a tenant may send: a bucket per workspace and one per data source, never per token or address, so that more tokens
// or a forged X-Forwarded-For buy nothing. A bucket holds one second's worth and fills evenly, on a clock that never goes back.
import { fault } from '@sandpiper/faults'

/** Buckets kept; full ones are forgotten first, which changes nothing. */
const BUCKETS_MAX = 10_000

/** What is left after a request, as it is told in the answer. */
export interface Quota {
  readonly limit: number
  readonly remaining: number
  /** Seconds until the whole limit is there again, rounded up. */
  readonly resetSeconds: number
  /** Seconds until one more request is taken; 0 when this one was. */
  readonly retrySeconds: number
}

export interface RequestQuota {
  /** Takes one request from the bucket, if it has one. @param key the tenant's id. */
  take(key: string): Quota
}

interface Bucket {
  level: number
  filledAtMs: number
}

/** @param perSecond requests a second, at least 1. @param monotonicMs milliseconds that never go back. */
export function createRequestQuota(perSecond: number, monotonicMs: () => number): RequestQuota {
  const buckets = new Map<string, Bucket>()
  let sweptAtMs = Number.NEGATIVE_INFINITY

  function bucketOf(key: string, now: number): Bucket {
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
    take(key) {
      const now = monotonicMs()
      const bucket = bucketOf(key, now)
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

/** @throws fault `limit.rate` (429) with Retry-After when the quota had no request left. */
export function refuseAbove(quota: Quota, what: string): void {
  if (quota.retrySeconds === 0) return
  throw fault('limit.rate', {
    public: `${what} takes at most ${quota.limit} requests per second. Try again, or send more events in each request.`,
    headers: { 'Retry-After': String(quota.retrySeconds) },
  })
}
