import type { Limits } from '@sandpiper/tokens'

import type { Database, Queryable } from './database.ts'
import { announceChange } from './change-feed.ts'
import type { JwtKey, JwtSettings, JwtStore } from './jwt-contract.ts'
import { createFreshCache, type FreshCache } from './fresh-cache.ts'
import { readShareIds } from './share-store.ts'
import { SELECT_TOKENS, tokenWithValue, workspaceMissing, type TokenRow } from './token-rows.ts'
import type { TokenSeal } from './token-seal.ts'
import { isUuid } from './uuid.ts'
import { WORKSPACE_ADMIN_TOKEN } from './workspace-admin-token.ts'

/** All that may sign for one workspace. */
export interface SigningKeys extends JwtSettings {
  /** The value of the workspace's admin token: the shared secret of HS256. */
  readonly secret: Uint8Array
  /** Of the workspace: they hold for its JWTs. */
  readonly limits: Limits
  /** Ids of its links to dashboards. */
  readonly shares: ReadonlySet<string>
}

interface SettingsRow {
  readonly jwks_url: string | null
  readonly lifetime_seconds_max: string | null
}

interface KeyRow {
  readonly key_id: string
  readonly algorithm: JwtKey['algorithm']
  readonly public_jwk: JwtKey['publicJwk']
}

const WORKSPACES_CACHED_MAX = 10_000

/** Remembers who may sign, as FreshCache does; null for an unknown workspace. */
export function createSigningKeys(
  database: Database,
  seal: TokenSeal,
  options: { readonly now: () => number; readonly maxAgeMs: number },
): FreshCache<SigningKeys | null> {
  return createFreshCache({
    read: (workspaceId) => readSigningKeys(database, seal, workspaceId),
    ...options,
    entriesMax: WORKSPACES_CACHED_MAX,
  })
}

/** @param onChange empties what was remembered in this process. */
export function createJwtStore(
  database: Database,
  now: () => number,
  onChange: () => void,
): JwtStore {
  return {
    jwtSettings: (workspaceId) => readSettings(database, workspaceId),
    async putJwtSettings(workspaceId, settings) {
      try {
        await database.transaction(async (tx) => {
          await writeSettings(tx, workspaceId, settings, new Date(now()))
          await announceChange(tx, { kind: 'tokens' })
        })
      } finally {
        // Also after a failure: a lost reply to COMMIT leaves open what happened.
        onChange()
      }
    },
  }
}

async function readSigningKeys(
  database: Database,
  seal: TokenSeal,
  workspaceId: string,
): Promise<SigningKeys | null> {
  const [row] = await database.rows<TokenRow>(
    `${SELECT_TOKENS} JOIN workspaces w ON w.id = t.workspace_id
     WHERE t.workspace_id = $1 AND t.origin_type = 'W' AND t.name = $2 AND NOT w.is_system`,
    [workspaceId, WORKSPACE_ADMIN_TOKEN],
  )
  if (row === undefined) return null
  const { value } = tokenWithValue(row, seal)
  return {
    ...(await readSettings(database, workspaceId)),
    secret: Buffer.from(value, 'utf8'),
    limits: row.workspace_limits ?? {},
    shares: await readShareIds(database, workspaceId),
  }
}

async function readSettings(database: Queryable, workspaceId: string): Promise<JwtSettings> {
  if (!isUuid(workspaceId)) throw workspaceMissing()
  const [settings] = await database.rows<SettingsRow>(
    `SELECT s.jwks_url, s.lifetime_seconds_max FROM workspaces w
     LEFT JOIN jwt_settings s ON s.workspace_id = w.id WHERE w.id = $1`,
    [workspaceId],
  )
  if (settings === undefined) throw workspaceMissing()
  const keys = await database.rows<KeyRow>(
    'SELECT key_id, algorithm, public_jwk FROM jwt_keys WHERE workspace_id = $1 ORDER BY key_id',
    [workspaceId],
  )
  const { jwks_url: jwksUrl, lifetime_seconds_max: lifetime } = settings
  return {
    keys: keys.map((row) => ({
      keyId: row.key_id,
      algorithm: row.algorithm,
      publicJwk: row.public_jwk,
    })),
    jwksUrl,
    lifetimeSecondsMax: lifetime === null ? null : Number(lifetime),
  }
}

async function writeSettings(
  tx: Queryable,
  workspaceId: string,
  settings: JwtSettings,
  at: Date,
): Promise<void> {
  // Held against another writer, and the proof that there is such a workspace.
  const found = isUuid(workspaceId)
    ? await tx.rows('SELECT id FROM workspaces WHERE id = $1 AND NOT is_system FOR UPDATE', [
        workspaceId,
      ])
    : []
  if (found.length === 0) throw workspaceMissing()
  await tx.rows(
    `INSERT INTO jwt_settings (workspace_id, jwks_url, lifetime_seconds_max, updated_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (workspace_id) DO UPDATE
     SET jwks_url = excluded.jwks_url, lifetime_seconds_max = excluded.lifetime_seconds_max, updated_at = excluded.updated_at`,
    [workspaceId, settings.jwksUrl, settings.lifetimeSecondsMax, at],
  )
  await tx.rows('DELETE FROM jwt_keys WHERE workspace_id = $1', [workspaceId])
  for (const { keyId, algorithm, publicJwk } of settings.keys) {
    await tx.rows(
      'INSERT INTO jwt_keys (workspace_id, key_id, algorithm, public_jwk, created_at) VALUES ($1, $2, $3, $4, $5)',
      [workspaceId, keyId, algorithm, JSON.stringify(publicJwk), at],
    )
  }
}
