// Which public keys are taken, from callers and from identity providers alike. The kind of key decides how it signs; what a key says of
// itself is only compared.
import type { JwtKey, PublicKeyAlgorithm } from './jwt-contract.ts'

const KEY_ID_CHARACTERS_MAX = 256
const MEMBER_CHARACTERS_MAX = 4_096

/** The members that are the key, by its kind. */
const PUBLIC_MEMBERS: Readonly<Record<PublicKeyAlgorithm, readonly string[]>> = {
  RS256: ['n', 'e'],
  ES256: ['crv', 'x', 'y'],
  EdDSA: ['crv', 'x'],
}
const KTY = { RS256: 'RSA', ES256: 'EC', EdDSA: 'OKP' } as const
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const

/**
 * Reads a JWK as the public key of a workspace, reduced to what verifying needs.
 * @returns the key, or what is wrong with it: no `kid`, a private or shared key, another kind than RSA, P-256 and Ed25519, for another use.
 */
export function readPublicJwk(value: unknown): JwtKey | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'a key must be a JWK object'
  const members = new Map<string, unknown>(Object.entries(value))
  const keyId = members.get('kid')
  if (typeof keyId !== 'string' || keyId === '' || keyId.length > KEY_ID_CHARACTERS_MAX)
    return `a key needs a "kid" of 1 to ${KEY_ID_CHARACTERS_MAX} characters`
  if (PRIVATE_MEMBERS.some((name) => members.has(name)))
    return 'this is a private or shared key: send the public one'
  const algorithm = algorithmOf(members)
  if (algorithm === null) return 'a key must be of kty RSA, EC (P-256) or OKP (Ed25519)'
  if (members.has('alg') && members.get('alg') !== algorithm)
    return `a key of this kind is used with ${algorithm} only`
  if (members.has('use') && members.get('use') !== 'sig') return 'a key must be for signatures'
  const publicJwk: Record<string, string> = { kty: KTY[algorithm] }
  for (const name of PUBLIC_MEMBERS[algorithm]) {
    const member = members.get(name)
    if (typeof member !== 'string' || !BASE64URL.test(member)) return `a key needs "${name}"`
    publicJwk[name] = member
  }
  if (algorithm === 'RS256' && !isRsaSize(publicJwk))
    return `an RSA key must have ${RSA_BITS_MIN} to ${RSA_BITS_MAX} bits and a small exponent`
  return { keyId, algorithm, publicJwk }
}
const BASE64URL = new RegExp(`^[A-Za-z0-9_-]{1,${MEMBER_CHARACTERS_MAX}}$`)

const RSA_BITS_MIN = 2_048
/** Checking a signature takes longer with every bit, of the exponent above all. */
const RSA_BITS_MAX = 8_192

function isRsaSize({ n = '', e = '' }: Readonly<Record<string, string>>): boolean {
  const bits = Buffer.from(n, 'base64url').length * 8
  return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX && e.length <= 6
}

function algorithmOf(members: ReadonlyMap<string, unknown>): PublicKeyAlgorithm | null {
  const kty = members.get('kty')
  const crv = members.get('crv')
  if (kty === 'RSA') return 'RS256'
  if (kty === 'EC' && crv === 'P-256') return 'ES256'
  return kty === 'OKP' && crv === 'Ed25519' ? 'EdDSA' : null
}
