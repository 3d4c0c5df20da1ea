// Buckets of requests: in Redis where there is one, so that all processes count together, else in this process.
import { createSharedQuota, type RedisLink } from '@sandpiper/redis'
import { createRequestQuota, type QuotaOf, type SharedQuota } from '@sandpiper/tokens'

/** @param monotonicMs milliseconds that never go back. */
export function hostLimits(
  redis: RedisLink | null,
  monotonicMs: () => number,
): { readonly jwtQuota: SharedQuota; readonly sharedQuota?: QuotaOf } {
  if (redis === null) return { jwtQuota: createRequestQuota(monotonicMs) }
  const sharedQuota: QuotaOf = (kind) =>
    createSharedQuota(redis, kind, createRequestQuota(monotonicMs))
  return { jwtQuota: sharedQuota('token'), sharedQuota }
}
