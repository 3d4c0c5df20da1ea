// From the text of a JWT to what it grants. A JWT that was verified is remembered by its hash, for as long as the catalog names the very
// same keys for its workspace, which it is asked for each request (and which are at most 1 s old), and never past its `exp`.
import { hash } from 'node:crypto'

import {
  callerLimits,
  checkJwtTimes,
  jwtExpired,
  readJwtClaims,
  readJwtHead,
  shareEnded,
  type JwtHead,
  type StoredToken,
} from '@sandpiper/tokens'
import { compactVerify, errors, importJWK, type CryptoKey } from 'jose'
import { LRUCache } from 'lru-cache'

import type { FreshCache } from './fresh-cache.ts'
import type { JwtKey } from './jwt-contract.ts'
import type { RemoteKeys } from './remote-keys.ts'
import type { SigningKeys } from './signing-keys.ts'

/** Tells whose a JWT is. */
export interface JwtVerifier {
  /** null for a JWT that nobody of its workspace signed. @throws fault `auth.denied` (403) when its claims or its time are not right. */
  find(value: string): Promise<StoredToken | null>
  /** What find() would say, as the same object, when that is known without waiting; else undefined. */
  now(value: string): StoredToken | undefined
}

interface Verified {
  readonly token: StoredToken
  /** Unix seconds. */
  readonly expiresAt: number
  readonly keys: SigningKeys
}

const VERIFIED_MAX = 10_000

/** @param remote null: key URLs are not followed. @param now Unix milliseconds. */
export function createJwtVerifier(deps: {
  readonly keys: FreshCache<SigningKeys | null>
  readonly remote: RemoteKeys | null
  readonly now: () => number
}): JwtVerifier {
  const verified = new LRUCache<string, Verified>({ max: VERIFIED_MAX })
  const underWay = new Map<string, Promise<Verified | null>>()

  async function verify(value: string): Promise<Verified | null> {
    const head = readJwtHead(value)
    const keys = head === null ? null : await deps.keys.get(head.workspaceId)
    if (head === null || keys === null) return null
    const key = await keyFor(head, keys, deps.remote)
    const payload = key === null ? null : await payloadOf(value, head, key)
    if (payload === null) return null
    const claims = readJwtClaims(payload)
    checkJwtTimes(claims, deps.now(), keys.lifetimeSecondsMax)
    const { workspaceId, name, scopes, expiresAt, share } = claims
    const limits = callerLimits(keys.limits, claims.limits)
    // What two decoders may read in two ways must not open the door of another workspace.
    if (workspaceId !== head.workspaceId) return null
    if (share !== null && !keys.shares.has(share)) throw shareEnded()
    const token: StoredToken = {
      ...{ id: `jwt_${digestOf(value).slice(0, 16)}`, workspaceId, name, scopes },
      ...(limits === undefined ? {} : { limits }),
    }
    return { token, expiresAt, keys }
  }

  /** Callers that ask together share one verification. */
  async function verifyOnce(value: string, digest: string): Promise<Verified | null> {
    const going = underWay.get(digest)
    if (going !== undefined) return going
    const started = verify(value)
    underWay.set(digest, started)
    try {
      const result = await started
      if (result !== null) verified.set(digest, result)
      return result
    } finally {
      underWay.delete(digest)
    }
  }

  function isOver({ expiresAt }: Verified): boolean {
    return deps.now() / 1_000 >= expiresAt
  }

  return {
    async find(value) {
      const digest = digestOf(value)
      const known = verified.get(digest)
      if (known !== undefined && (await deps.keys.get(known.token.workspaceId)) === known.keys) {
        if (isOver(known)) throw jwtExpired()
        return known.token
      }
      const found = await verifyOnce(value, digest)
      if (found !== null && isOver(found)) throw jwtExpired()
      return found?.token ?? null
    },
    now(value) {
      const known = verified.get(digestOf(value))
      if (known === undefined || isOver(known)) return undefined
      return deps.keys.now(known.token.workspaceId) === known.keys ? known.token : undefined
    },
  }
}

function digestOf(value: string): string {
  return hash('sha256', value, 'hex')
}

/** The key that the head asks for, if it is one for the head's algorithm: a public key is never a shared secret, nor the other way round. */
async function keyFor(
  { algorithm, keyId }: JwtHead,
  keys: SigningKeys,
  remote: RemoteKeys | null,
): Promise<Uint8Array | CryptoKey | null> {
  if (algorithm === 'HS256') return keys.secret
  const isMeant = (key: JwtKey): boolean =>
    key.algorithm === algorithm && (keyId === null || key.keyId === keyId)
  let meant = keys.keys.filter(isMeant)
  if (meant.length === 0 && keys.jwksUrl !== null && remote !== null)
    meant = (await remote.of(keys.jwksUrl, keyId)).filter(isMeant)
  // Without a key id there must be no choice.
  const [key] = meant
  return key === undefined || meant.length > 1 ? null : imported(key)
}

const importedKeys = new WeakMap<JwtKey, Promise<CryptoKey | null>>()

async function imported(key: JwtKey): Promise<CryptoKey | null> {
  const known = importedKeys.get(key)
  if (known !== undefined) return known
  const { publicJwk, algorithm } = key
  const importing = importJWK({ ...publicJwk }, algorithm).then(
    (made) => (made instanceof Uint8Array ? null : made),
    // Not a point of the curve, or no number: it signs nothing.
    () => null,
  )
  importedKeys.set(key, importing)
  return importing
}

/** null unless the signature is good. */
async function payloadOf(
  value: string,
  { algorithm }: JwtHead,
  key: Uint8Array | CryptoKey,
): Promise<unknown> {
  let payload: Uint8Array
  try {
    ;({ payload } = await compactVerify(value, key, { algorithms: [algorithm] }))
  } catch (err) {
    // A key that is too short for its algorithm is a TypeError.
    if (err instanceof errors.JOSEError || err instanceof TypeError) return null
    throw err
  }
  return JSON.parse(Buffer.from(payload).toString('utf8')) as unknown
}
