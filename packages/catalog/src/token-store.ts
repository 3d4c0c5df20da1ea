import { tokenKind, type StoredToken } from '@sandpiper/tokens'

import type { Catalog, NewToken, TokenWithValue } from './catalog-contract.ts'
import { announceChange } from './change-feed.ts'
import type { Database, Queryable } from './database.ts'
import { createFreshCache } from './fresh-cache.ts'
import type { JwtVerifier } from './jwt-verifier.ts'
import type { TokenRecord } from './records.ts'
import { removeSharesOf } from './share-store.ts'
import {
  insertToken,
  makeSecret,
  SELECT_TOKENS,
  storedLimits,
  tokenNameTaken,
  tokenRecord,
  tokenWithValue,
  writeScopes,
  type TokenMaker,
  type TokenRow,
} from './token-rows.ts'
import { isSameSecret } from './token-seal.ts'
import { isUuid } from './uuid.ts'
import { WORKSPACE_ADMIN_TOKEN } from './workspace-admin-token.ts'

type TokenStore = Pick<
  Catalog,
  | 'findToken'
  | 'tokenNow'
  | 'createToken'
  | 'listTokens'
  | 'removeToken'
  | 'refreshToken'
  | 'updateToken'
  | 'replaceDatafileTokens'
>

const TOKENS_CACHED_MAX = 10_000

/** A revoked token works at most this long in other processes. */
export const TOKEN_AGE_MS_MAX = 1_000

/** The part of the catalog that knows tokens; `forgetTokens` empties its cache. @param jwts for values that are JWTs. @param onChange told of every change to tokens. */
export function createTokenStore(
  database: Database,
  maker: TokenMaker,
  jwts: JwtVerifier,
  onChange: () => void,
): { store: TokenStore; forgetTokens: () => void } {
  const cache = createFreshCache({
    // Keyed by the value, whose entry also proves that it was compared.
    read: (value) => readToken(database, maker, value),
    now: maker.now,
    maxAgeMs: TOKEN_AGE_MS_MAX,
    entriesMax: TOKENS_CACHED_MAX,
  })
  const change = <Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result> =>
    changeTokens(database, onChange, work)
  const store: TokenStore = {
    async findToken(value): Promise<StoredToken | null> {
      const kind = tokenKind(value)
      if (kind === 'static') return cache.get(value)
      return kind === 'jwt' ? jwts.find(value) : null
    },
    // All static tokens begin so, and no JWT does.
    tokenNow: (value) => (value.startsWith('p.') ? cache.now(value) : jwts.now(value)),
    createToken: (input) => change((tx) => insertToken(tx, maker, input)),
    async listTokens(workspaceId) {
      if (!isUuid(workspaceId)) return []
      const rows = await database.rows<TokenRow>(
        `${SELECT_TOKENS} WHERE t.workspace_id = $1 ORDER BY t.created_at, t.id`,
        [workspaceId],
      )
      return rows.map((row) => tokenWithValue(row, maker.seal))
    },
    removeToken: (workspaceId, idOrName) => change((tx) => removeToken(tx, workspaceId, idOrName)),
    refreshToken: (workspaceId, idOrName) =>
      change((tx) => refreshToken(tx, maker, workspaceId, idOrName)),
    updateToken: (workspaceId, idOrName, changes) =>
      change((tx) => updateToken(tx, maker, workspaceId, idOrName, changes)),
    replaceDatafileTokens: (workspaceId, wanted) =>
      change((tx) => replaceDatafileTokens(tx, maker, workspaceId, wanted)),
  }
  return {
    store,
    forgetTokens: () => {
      cache.forgetAll()
    },
  }
}

/** One transaction, told to every process, and forgotten here before the caller hears of it. */
async function changeTokens<Result>(
  database: Database,
  forget: () => void,
  work: (tx: Queryable) => Promise<Result>,
): Promise<Result> {
  try {
    return await database.transaction(async (tx) => {
      const result = await work(tx)
      await announceChange(tx, { kind: 'tokens' })
      return result
    })
  } finally {
    // Also after a failure: a lost reply to COMMIT leaves open what happened.
    forget()
  }
}

async function readToken(
  database: Database,
  maker: TokenMaker,
  value: string,
): Promise<TokenRecord | null> {
  const [row] = await database.rows<TokenRow>(`${SELECT_TOKENS} WHERE t.lookup = $1`, [
    maker.seal.lookup(value),
  ])
  if (row === undefined) return null
  return isSameSecret(maker.seal.open(row.sealed_value, row.id), value) ? tokenRecord(row) : null
}

async function findRow(
  tx: Queryable,
  workspaceId: string,
  idOrName: string,
): Promise<TokenRow | null> {
  if (!isUuid(workspaceId)) return null
  // An id wins over a token that was given the same text as its name.
  const [row] = await tx.rows<TokenRow>(
    `${SELECT_TOKENS} WHERE t.workspace_id = $1 AND (t.id::text = $2 OR t.name = $2)
     ORDER BY (t.id::text = $2) DESC LIMIT 1 FOR UPDATE OF t`,
    [workspaceId, idOrName],
  )
  return row ?? null
}

async function removeToken(tx: Queryable, workspaceId: string, idOrName: string): Promise<boolean> {
  const row = await findRow(tx, workspaceId, idOrName)
  if (row === null) return false
  await tx.rows('DELETE FROM tokens WHERE id = $1', [row.id])
  return true
}

async function refreshToken(
  tx: Queryable,
  maker: TokenMaker,
  workspaceId: string,
  idOrName: string,
): Promise<TokenWithValue | null> {
  const row = await findRow(tx, workspaceId, idOrName)
  if (row === null) return null
  const secret = makeSecret(maker, workspaceId, row.id)
  await tx.rows('UPDATE tokens SET lookup = $2, sealed_value = $3 WHERE id = $1', [
    row.id,
    secret.lookup,
    secret.sealed,
  ])
  // It signed the JWTs of links to dashboards.
  if (row.origin_type === 'W' && row.name === WORKSPACE_ADMIN_TOKEN)
    await removeSharesOf(tx, workspaceId)
  return { record: tokenRecord(row), value: secret.value }
}

async function updateToken(
  tx: Queryable,
  maker: TokenMaker,
  workspaceId: string,
  idOrName: string,
  changes: Partial<Pick<NewToken, 'name' | 'description' | 'scopes' | 'limits'>>,
): Promise<TokenWithValue | null> {
  const row = await findRow(tx, workspaceId, idOrName)
  if (row === null) return null
  const name = changes.name ?? row.name
  const description = changes.description ?? row.description
  const limits = changes.limits ?? row.limits ?? {}
  const taken = await tx.rows(
    'SELECT id FROM tokens WHERE workspace_id = $1 AND name = $2 AND id != $3',
    [workspaceId, name, row.id],
  )
  if (taken.length > 0) throw tokenNameTaken(name)
  await tx.rows('UPDATE tokens SET name = $2, description = $3, limits = $4 WHERE id = $1', [
    ...[row.id, name, description, storedLimits(limits)],
  ])
  if (changes.scopes !== undefined) await writeScopes(tx, row.id, changes.scopes)
  const scopes = changes.scopes ?? row.scopes
  return tokenWithValue({ ...row, name, description, scopes, limits }, maker.seal)
}

async function replaceDatafileTokens(
  tx: Queryable,
  maker: TokenMaker,
  workspaceId: string,
  wanted: readonly Omit<NewToken, 'workspaceId'>[],
): Promise<void> {
  // One deployment at a time, or two would each insert what the other has.
  await tx.rows('SELECT id FROM workspaces WHERE id = $1 FOR UPDATE', [workspaceId])
  const existing = await tx.rows<TokenRow>(`${SELECT_TOKENS} WHERE t.workspace_id = $1`, [
    workspaceId,
  ])
  const byName = new Map(existing.map((row) => [row.name, row]))
  const names = new Set(wanted.map((token) => token.name))
  for (const row of existing) {
    const isOurs = row.origin_type === 'DS' || row.origin_type === 'P'
    if (isOurs && !names.has(row.name)) await tx.rows('DELETE FROM tokens WHERE id = $1', [row.id])
  }
  for (const token of wanted) {
    const row = byName.get(token.name)
    if (row === undefined) await insertToken(tx, maker, { ...token, workspaceId })
    else await adoptToken(tx, row, token)
  }
}

async function adoptToken(
  tx: Queryable,
  row: TokenRow,
  token: Omit<NewToken, 'workspaceId'>,
): Promise<void> {
  // A datafile must not change the rights of a token somebody made by hand, the admin token among them.
  if (row.origin_type === 'C' || row.origin_type === 'W') throw tokenNameTaken(token.name)
  await tx.rows(
    'UPDATE tokens SET description = $2, origin_type = $3, origin_resource_id = $4 WHERE id = $1',
    [row.id, token.description ?? '', token.origin.type, token.origin.resourceId],
  )
  await writeScopes(tx, row.id, token.scopes)
}
