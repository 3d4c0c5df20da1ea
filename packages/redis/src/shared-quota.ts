// Buckets of requests that all processes draw from: counted in Redis by one script, on the clock of Redis. A bucket is one number, the
// time at which it is full again (GCRA). What it does is what createRequestQuota() does, so falling back to that changes who shares, not how.
import { createHash } from 'node:crypto'

import type { Quota, RequestQuota, SharedQuota } from '@sandpiper/tokens'

import type { RedisLink, RedisScript } from './open-redis.ts'

/**
 * One request of a bucket that holds a second's worth. ARGV[1]: requests a second. Answers whether it was taken, and the microseconds until
 * the bucket is full. A time further away than a second is of another clock (a failover) or limit: it counts as a second.
 */
const TAKE: RedisScript = {
  name: 'sandpiperTake',
  keys: 1,
  lua: `
local second = 1000000
local clock = redis.call('TIME')
local now = clock[1] * second + clock[2]
local each = second / ARGV[1]
local empty = math.min(math.max((tonumber(redis.call('GET', KEYS[1])) or 0) - now, 0), second)
if empty + each > second + 0.5 then return { 0, math.floor(empty) } end
empty = empty + each
redis.call('SET', KEYS[1], string.format('%.3f', now + empty), 'PX', math.ceil(empty / 1000) + 1)
return { 1, math.floor(empty) }`,
}

const SECOND_MICROS = 1_000_000
const KEY_CHARS_MAX = 100

/** Buckets in Redis; the answer always takes a moment. */
export interface RedisQuota extends SharedQuota {
  take(key: string, perSecond: number): Promise<Quota>
}

/**
 * Makes buckets of one kind.
 * @param name of the kind, a word of ours: it keeps apart what counts different things.
 * @param alone what counts while Redis is away, too slow (100 ms) or says something else: per process, so several processes then let through
 * as many times the limit. Never fewer, and no request fails for it.
 */
export function createSharedQuota(redis: RedisLink, name: string, alone: RequestQuota): RedisQuota {
  return {
    async take(key, perSecond) {
      const answer = await redis.run(TAKE, [`sandpiper:quota:${name}:${short(key)}`], [perSecond])
      return quotaOf(answer, perSecond) ?? alone.take(key, perSecond)
    },
  }
}

/** Names of tokens may be as long as their users like. */
function short(key: string): string {
  if (key.length <= KEY_CHARS_MAX) return key
  return createHash('sha256').update(key).digest('base64url')
}

function quotaOf(answer: unknown, perSecond: number): Quota | null {
  if (!Array.isArray(answer)) return null
  const [taken, micros] = answer as readonly unknown[]
  if (typeof taken !== 'number' || typeof micros !== 'number') return null
  // Rounded: a third of a second is not a whole number of microseconds.
  const level = Math.round((perSecond * (SECOND_MICROS - micros) * 1_000) / SECOND_MICROS) / 1_000
  return {
    limit: perSecond,
    remaining: Math.max(0, Math.floor(level)),
    resetSeconds: Math.ceil((perSecond - level) / perSecond),
    retrySeconds: taken === 1 ? 0 : Math.max(1, Math.ceil((1 - level) / perSecond)),
  }
}
