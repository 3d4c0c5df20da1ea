// What a JWT says about itself before anybody has checked it: enough to find the key, never proof of anything.
import { TOKEN_CHARACTERS_MAX } from './token-value.ts'

/** How JWTs may be signed: one way per kind of key, so that no header can turn one kind into another. */
export const JWT_ALGORITHMS = ['HS256', 'RS256', 'ES256', 'EdDSA'] as const

/** One of them. */
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number]

/** The unchecked head of a JWT. */
export interface JwtHead {
  /** Only ever compared with what the key is for. */
  readonly algorithm: JwtAlgorithm
  /** Looked up as it is; null when there is none. */
  readonly keyId: string | null
  /** Lower case. */
  readonly workspaceId: string
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const KEY_ID_CHARACTERS_MAX = 256

/**
 * Reads the head of a JWT. `jku`, `x5u`, `x5c` and `jwk` are never looked at: keys come from the workspace.
 * null for what no key of ours can have signed: another algorithm (`none`), critical extensions, no workspace.
 */
export function readJwtHead(value: string): JwtHead | null {
  if (value.length > TOKEN_CHARACTERS_MAX) return null
  const parts = value.split('.')
  if (parts.length !== 3) return null
  const header = jsonObject(parts[0] ?? '')
  const payload = jsonObject(parts[1] ?? '')
  if (header === null || payload === null) return null
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return null
  const algorithm = JWT_ALGORITHMS.find((each) => each === own(header, 'alg'))
  const keyId = own(header, 'kid') ?? null
  const workspaceId = own(payload, 'workspace_id')
  if (algorithm === undefined || typeof workspaceId !== 'string' || !UUID.test(workspaceId))
    return null
  if (keyId !== null && (typeof keyId !== 'string' || keyId.length > KEY_ID_CHARACTERS_MAX))
    return null
  return { algorithm, keyId, workspaceId: workspaceId.toLowerCase() }
}

function own(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function jsonObject(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Readonly<Record<string, unknown>>)
      : null
  } catch {
    // Not JSON: somebody made the text up.
    return null
  }
}
