// Tokens as rows: how they are written, sealed, read and opened. Used by the stores of tokens and of workspaces.
import { randomBytes } from 'node:crypto'

import { fault } from '@sandpiper/faults'
import { callerLimits, printTokenValue, type Limits, type Scope } from '@sandpiper/tokens'

import type { NewToken, TokenWithValue } from './catalog-contract.ts'
import { isViolation, type Queryable } from './database.ts'
import { readWorkspaceLimits } from './read-workspace-limits.ts'
import type { TokenRecord } from './records.ts'
import type { TokenSeal } from './token-seal.ts'

/** What is needed to make tokens. */
export interface TokenMaker {
  readonly seal: TokenSeal
  /** Unix milliseconds. */
  readonly now: () => number
  /** UUIDs. */
  readonly newId: () => string
  /** Written into the payload of new tokens. */
  readonly host: string
}

export interface TokenRow {
  readonly id: string
  readonly workspace_id: string
  readonly name: string
  readonly description: string
  readonly origin_type: TokenRecord['origin']['type']
  readonly origin_resource_id: string | null
  readonly sealed_value: Buffer
  readonly created_at: Date
  readonly scopes: readonly Scope[]
  readonly limits: Limits | null
  readonly workspace_limits: Limits | null
}

/** Selects TokenRows; callers add WHERE (on `t`) and ORDER BY. */
export const SELECT_TOKENS = `
  SELECT t.id, t.workspace_id, t.name, t.description, t.origin_type, t.origin_resource_id, t.sealed_value, t.created_at, t.limits,
    (SELECT l.limits FROM workspaces w JOIN workspace_limits l ON l.workspace_id = coalesce(w.main_id, w.id)
      WHERE w.id = t.workspace_id) AS workspace_limits,
    coalesce((
      SELECT json_agg(json_build_object('type', s.type, 'resource', s.resource, 'filter', s.filter, 'fixedParams', s.fixed_params)
        ORDER BY s.position)
      FROM token_scopes s WHERE s.token_id = t.id), '[]') AS scopes
  FROM tokens t`

/** The record of a row, without its secret. */
export function tokenRecord(row: TokenRow): TokenRecord {
  const limits = callerLimits(row.workspace_limits ?? {}, row.limits ?? {})
  return {
    ...(limits === undefined ? {} : { limits }),
    id: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    description: row.description,
    scopes: row.scopes,
    origin: { type: row.origin_type, resourceId: row.origin_resource_id },
    createdAt: row.created_at.toISOString(),
  }
}

/** The record and the opened secret of a row. */
export function tokenWithValue(row: TokenRow, seal: TokenSeal): TokenWithValue {
  return { record: tokenRecord(row), value: seal.open(row.sealed_value, row.id) }
}

/** A new secret for a token id, with what is stored of it. */
export function makeSecret(
  maker: TokenMaker,
  workspaceId: string,
  id: string,
): { value: string; lookup: Buffer; sealed: Buffer } {
  const value = printTokenValue({ u: workspaceId, id, host: maker.host }, randomBytes(32))
  return { value, lookup: maker.seal.lookup(value), sealed: maker.seal.seal(value, id) }
}

/**
 * Inserts a token with its scopes.
 * @throws fault `request.conflict` when the workspace has a token of that name | `resource.missing` when there is no such workspace.
 */
export async function insertToken(
  tx: Queryable,
  maker: TokenMaker,
  token: NewToken,
): Promise<TokenWithValue> {
  const id = maker.newId()
  const secret = makeSecret(maker, token.workspaceId, id)
  const createdAt = new Date(maker.now())
  const { name, description = '', origin, scopes, workspaceId, limits = {} } = token
  try {
    await tx.rows(
      `INSERT INTO tokens
        (id, workspace_id, name, description, origin_type, origin_resource_id, lookup, sealed_value, created_at, limits)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        id,
        workspaceId,
        name,
        description,
        origin.type,
        origin.resourceId,
        secret.lookup,
        secret.sealed,
        createdAt,
        storedLimits(limits),
      ],
    )
  } catch (err) {
    if (isViolation(err, '23505', 'tokens_name')) throw tokenNameTaken(name, err)
    if (isViolation(err, '23503', 'tokens_workspace_id_fkey')) throw workspaceMissing(err)
    throw err
  }
  await writeScopes(tx, id, scopes)
  const all = callerLimits(await readWorkspaceLimits(tx, workspaceId), limits)
  const record = {
    id,
    workspaceId,
    name,
    description,
    scopes,
    ...(all === undefined ? {} : { limits: all }),
    origin,
    createdAt: createdAt.toISOString(),
  }
  return { record, value: secret.value }
}

/** No limits are null. */
export function storedLimits(limits: Limits): string | null {
  return Object.keys(limits).length === 0 ? null : JSON.stringify(limits)
}

/** Makes the scopes of a token exactly these. */
export async function writeScopes(
  tx: Queryable,
  tokenId: string,
  scopes: readonly Scope[],
): Promise<void> {
  await tx.rows('DELETE FROM token_scopes WHERE token_id = $1', [tokenId])
  for (const [position, scope] of scopes.entries()) {
    const fixedParams = scope.fixedParams === null ? null : JSON.stringify(scope.fixedParams)
    await tx.rows(
      `INSERT INTO token_scopes (token_id, position, type, resource, filter, fixed_params) VALUES ($1, $2, $3, $4, $5, $6)`,
      [tokenId, position, scope.type, scope.resource, scope.filter, fixedParams],
    )
  }
}

/** The conflict of two tokens of one name. */
export function tokenNameTaken(name: string, cause?: unknown): Error {
  return fault('request.conflict', { public: `A token named "${name}" already exists.`, cause })
}

/** What everybody hears who asks for a workspace that is not there. */
export function workspaceMissing(cause?: unknown): Error {
  return fault('resource.missing', { public: 'Workspace not found.', cause })
}
