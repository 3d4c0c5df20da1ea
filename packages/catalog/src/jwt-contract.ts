// How JWTs of a workspace may be signed beside its admin token: public keys, kept here or fetched from an identity provider.

/** A public key as RFC 7517 writes it; its private members are never kept. */
export type PublicJwk = Readonly<Record<string, unknown>>

/** How a key signs; one per kind of key, decided by us. */
export type PublicKeyAlgorithm = 'RS256' | 'ES256' | 'EdDSA'

/** A key whose JWTs are accepted. */
export interface JwtKey {
  /** The `kid` of its JWTs, unique in its workspace. */
  readonly keyId: string
  readonly algorithm: PublicKeyAlgorithm
  readonly publicJwk: PublicJwk
}

/** What a workspace accepts beside JWTs that its admin token signed. */
export interface JwtSettings {
  readonly keys: readonly JwtKey[]
  /** Where more keys are fetched from; null for nowhere. */
  readonly jwksUrl: string | null
  /** Longest time that a JWT may have left when it is used, in seconds; null for any. */
  readonly lifetimeSecondsMax: number | null
}

/** The part of the catalog that knows who may sign JWTs. */
export interface JwtStore {
  /** @throws fault `resource.missing` for an unknown workspace. */
  jwtSettings(workspaceId: string): Promise<JwtSettings>
  /** Replaces all of them: JWTs of keys that are not among them stop working at once, in other processes within 1 s. @throws fault `resource.missing`. */
  putJwtSettings(workspaceId: string, settings: JwtSettings): Promise<void>
}

/** Fetches the text of a JWKS; at most 64 KiB, within 5 s, never from a private address. @throws fault. */
export type FetchJwks = (url: string) => Promise<string>
