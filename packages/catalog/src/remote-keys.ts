// Keys of identity providers, by the URL of their JWKS. Fetched when they are needed and not known, never more often than each 30 s,
// however many unknown key ids somebody invents; kept for five minutes, and for an hour when the provider does not answer.
import { LRUCache } from 'lru-cache'

import type { FetchJwks, JwtKey } from './jwt-contract.ts'
import { readPublicJwk } from './public-jwk.ts'

/** What was fetched; the caller looks for its key in it. */
export interface RemoteKeys {
  /**
   * Keys at the URL, at most five minutes old (an hour while it cannot be fetched).
   * @param keyId fetches again when there is no such key, unless that was done less than 30 s ago.
   */
  of(url: string, keyId: string | null): Promise<readonly JwtKey[]>
}

const URLS_MAX = 1_000
const KEYS_MAX = 100
const FRESH_MS = 300_000
const STALE_MS = 3_600_000
const AGAIN_MS = 30_000

interface Known {
  readonly keys: readonly JwtKey[]
  readonly fetchedAt: number
  readonly triedAt: number
}

/** @param now Unix milliseconds. */
export function createRemoteKeys(fetchJwks: FetchJwks, now: () => number): RemoteKeys {
  const known = new LRUCache<string, Known>({ max: URLS_MAX })
  const underWay = new Map<string, Promise<Known>>()

  async function fetched(url: string, before: Known | undefined): Promise<Known> {
    const triedAt = now()
    try {
      return { keys: readJwks(await fetchJwks(url)), fetchedAt: triedAt, triedAt }
    } catch {
      // Counted by whoever fetches. A provider that is away must not lock everybody out, nor be asked for every request.
      const isUsable = before !== undefined && isWithin(triedAt - before.fetchedAt, STALE_MS)
      return { keys: isUsable ? before.keys : [], fetchedAt: before?.fetchedAt ?? 0, triedAt }
    }
  }

  function fetchOnce(url: string): Promise<Known> {
    const going = underWay.get(url)
    if (going !== undefined) return going
    const started = fetched(url, known.get(url)).then((result) => {
      known.set(url, result)
      underWay.delete(url)
      return result
    })
    underWay.set(url, started)
    return started
  }

  return {
    async of(url, keyId) {
      const found = known.get(url)
      if (found === undefined) return (await fetchOnce(url)).keys
      const isMissing = keyId !== null && !found.keys.some((key) => key.keyId === keyId)
      const isOld = !isWithin(now() - found.fetchedAt, FRESH_MS)
      const mayAsk = !isWithin(now() - found.triedAt, AGAIN_MS)
      if ((isMissing || isOld) && mayAsk) return (await fetchOnce(url)).keys
      return isWithin(now() - found.fetchedAt, STALE_MS) ? found.keys : []
    },
  }
}

/** A clock set back makes ages negative: that is no proof of being fresh. */
function isWithin(ageMs: number, boundMs: number): boolean {
  return ageMs >= 0 && ageMs < boundMs
}

/** Keys we cannot use (encryption, other kinds) are passed over. @throws SyntaxError or TypeError for what is no JWKS. */
function readJwks(text: string): JwtKey[] {
  const { keys } = JSON.parse(text) as { readonly keys: unknown }
  if (!Array.isArray(keys)) throw new TypeError('a JWKS has a list of keys')
  const usable = new Map<string, JwtKey>()
  for (const each of (keys as readonly unknown[]).slice(0, KEYS_MAX)) {
    const key = readPublicJwk(each)
    if (typeof key !== 'string' && !usable.has(key.keyId)) usable.set(key.keyId, key)
  }
  return [...usable.values()]
}
