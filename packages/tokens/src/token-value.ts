// The text of a static token: `p.<base64url JSON {u, id, host}>.<32 random bytes, base64url>`. What the payload says is for
// people and routers; nobody is authorised by it, only by the stored record found by the whole value.

/** What a static token says about itself. Never proof of anything. */
export interface TokenPayload {
  /** Workspace id. */
  readonly u: string
  /** Token id. */
  readonly id: string
  /** Where it was made. */
  readonly host: string
}

/** Longest token text looked at: 8192 characters, as much as a header line holds. Longer ones are unknown tokens. */
export const TOKEN_CHARACTERS_MAX = 8_192

const STATIC = /^p\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/

/**
 * Prints a static token.
 * @param secret 32 bytes from a cryptographic source.
 */
export function printTokenValue(payload: TokenPayload, secret: Uint8Array): string {
  const { u, id, host } = payload
  const head = Buffer.from(JSON.stringify({ u, id, host })).toString('base64url')
  return `p.${head}.${Buffer.from(secret).toString('base64url')}`
}

/** Tells what kind of token a text could be, before anybody is asked about it. null: no token of ours. */
export function tokenKind(value: string): 'static' | 'jwt' | null {
  if (value.length > TOKEN_CHARACTERS_MAX) return null
  if (STATIC.test(value)) return 'static'
  return JWT.test(value) ? 'jwt' : null
}

/** Reads the payload of a static token; null when it is not one of ours. For display and routing only. */
export function parseTokenValue(value: string): TokenPayload | null {
  const head = value.length > TOKEN_CHARACTERS_MAX ? undefined : STATIC.exec(value)?.[1]
  if (head === undefined) return null
  try {
    const parsed: unknown = JSON.parse(Buffer.from(head, 'base64url').toString('utf8'))
    return isPayload(parsed) ? { u: parsed.u, id: parsed.id, host: parsed.host } : null
  } catch {
    // Not JSON: somebody made the text up.
    return null
  }
}

function isPayload(value: unknown): value is TokenPayload {
  if (typeof value !== 'object' || value === null) return false
  const members = value as Record<string, unknown>
  return ['u', 'id', 'host'].every(
    (name) => Object.hasOwn(members, name) && typeof members[name] === 'string',
  )
}
