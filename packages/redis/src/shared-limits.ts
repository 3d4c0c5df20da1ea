import { createRequestQuota, type QuotaOf, type SharedQuota } from '@sandpiper/tokens'

import type { RedisLink } from './open-redis.ts'
import { createSharedQuota } from './shared-quota.ts'

/** What the Events API and the api count requests in. */
export interface SharedLimits {
  readonly jwtQuota: SharedQuota
  /** Absent without Redis: then counting never waits. */
  readonly sharedQuota?: QuotaOf
}

/**
 * Buckets in Redis, so that all processes count together, or in this process.
 * @param redis null for none. @param monotonicMs milliseconds that never go back.
 */
export function createSharedLimits(
  redis: RedisLink | null,
  monotonicMs: () => number,
): SharedLimits {
  if (redis === null) return { jwtQuota: createRequestQuota(monotonicMs) }
  const sharedQuota: QuotaOf = (kind) =>
    createSharedQuota(redis, kind, createRequestQuota(monotonicMs))
  return { jwtQuota: sharedQuota('token'), sharedQuota }
}
