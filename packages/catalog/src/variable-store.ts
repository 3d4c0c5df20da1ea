// Variables: values are sealed as those of tokens are, bound to workspace and name.
import { fault } from '@sandpiper/faults'

import { announceChange } from './change-feed.ts'
import { isViolation, type Database, type Queryable } from './database.ts'
import { createFreshCache, type FreshCache } from './fresh-cache.ts'
import { workspaceMissing } from './token-rows.ts'
import type { TokenSeal } from './token-seal.ts'
import { isUuid } from './uuid.ts'
import {
  VARIABLES_MAX,
  type NewVariable,
  type VariableRecord,
  type VariableStore,
} from './variable-contract.ts'

interface VariableRow {
  readonly name: string
  readonly sealed_value: Buffer
  readonly edited_by: string
  readonly created_at: Date
  readonly updated_at: Date
}

/** Of each at most VARIABLES_MAX values of 8 KB are kept. */
const WORKSPACES_CACHED_MAX = 200

/** A changed value is used at most this long in other processes. */
const MAX_AGE_MS = 1_000

const COLUMNS = 'name, sealed_value, edited_by, created_at, updated_at'

/** The part of the catalog that knows variables; `forgetSecrets` empties its cache. */
export function createVariableStore(
  database: Database,
  { seal, now }: { readonly seal: TokenSeal; readonly now: () => number },
): { store: VariableStore; forgetSecrets: () => void } {
  const cache = createFreshCache({
    read: (workspaceId) => readSecrets(database, seal, workspaceId),
    now,
    maxAgeMs: MAX_AGE_MS,
    entriesMax: WORKSPACES_CACHED_MAX,
  })
  const store: VariableStore = {
    async listVariables(workspaceId) {
      return (await readRows(database, workspaceId)).map(toRecord)
    },
    createVariable: (input) => change(database, cache, (tx) => insert(tx, seal, now(), input)),
    updateVariable: (input) => change(database, cache, (tx) => update(tx, seal, now(), input)),
    removeVariable: (workspaceId, name) =>
      change(database, cache, (tx) => remove(tx, workspaceId, name)),
    secretsOf: (workspaceId) => cache.get(workspaceId),
  }
  return {
    store,
    forgetSecrets: () => {
      cache.forgetAll()
    },
  }
}

/** Gives a branch that was just made the variables of its main workspace, sealed anew. */
export async function copyVariables(
  tx: Queryable,
  seal: TokenSeal,
  from: string,
  to: string,
): Promise<void> {
  for (const row of await readRows(tx, from)) {
    const value = seal.open(row.sealed_value, ownerOf(from, row.name))
    await tx.rows(
      `INSERT INTO variables (workspace_id, ${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        to,
        row.name,
        seal.seal(value, ownerOf(to, row.name)),
        row.edited_by,
        row.created_at,
        row.updated_at,
      ],
    )
  }
}

/** One transaction, told to every process, and forgotten here before the caller hears of it. */
async function change<Result>(
  database: Database,
  cache: FreshCache<unknown>,
  work: (tx: Queryable) => Promise<Result>,
): Promise<Result> {
  try {
    return await database.transaction(async (tx) => {
      const result = await work(tx)
      await announceChange(tx, { kind: 'variables' })
      return result
    })
  } finally {
    // Also after a failure: a lost reply to COMMIT leaves open what happened.
    cache.forgetAll()
  }
}

async function insert(
  tx: Queryable,
  seal: TokenSeal,
  nowMs: number,
  { workspaceId, name, value, editedBy }: NewVariable,
): Promise<VariableRecord> {
  // One at a time, or two would each be the last that there is room for.
  const [workspace] = isUuid(workspaceId)
    ? await tx.rows('SELECT id FROM workspaces WHERE id = $1 FOR UPDATE', [workspaceId])
    : []
  if (workspace === undefined) throw workspaceMissing()
  const [count] = await tx.rows<{ n: number }>(
    'SELECT count(*)::int AS n FROM variables WHERE workspace_id = $1 AND name != $2',
    [workspaceId, name],
  )
  if ((count?.n ?? 0) >= VARIABLES_MAX) {
    throw fault('request.invalid', {
      public: `A workspace has at most ${VARIABLES_MAX} variables. Remove one first.`,
    })
  }
  try {
    const [row] = await tx.rows<VariableRow>(
      `INSERT INTO variables (workspace_id, ${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $5) RETURNING ${COLUMNS}`,
      [workspaceId, name, seal.seal(value, ownerOf(workspaceId, name)), editedBy, new Date(nowMs)],
    )
    if (row === undefined) throw new Error('INSERT gave back no row')
    return toRecord(row)
  } catch (err) {
    if (!isViolation(err, '23505', 'variables_pkey')) throw err
    throw fault('request.conflict', {
      public: `A variable named '${name}' already exists. Change it with PUT /v0/variables/${name}.`,
      cause: err,
    })
  }
}

async function update(
  tx: Queryable,
  seal: TokenSeal,
  nowMs: number,
  { workspaceId, name, value, editedBy }: NewVariable,
): Promise<VariableRecord | null> {
  if (!isUuid(workspaceId)) return null
  const [row] = await tx.rows<VariableRow>(
    `UPDATE variables SET sealed_value = $3, edited_by = $4, updated_at = $5
     WHERE workspace_id = $1 AND name = $2 RETURNING ${COLUMNS}`,
    [workspaceId, name, seal.seal(value, ownerOf(workspaceId, name)), editedBy, new Date(nowMs)],
  )
  return row === undefined ? null : toRecord(row)
}

async function remove(tx: Queryable, workspaceId: string, name: string): Promise<boolean> {
  if (!isUuid(workspaceId)) return false
  const gone = await tx.rows(
    'DELETE FROM variables WHERE workspace_id = $1 AND name = $2 RETURNING name',
    [workspaceId, name],
  )
  return gone.length > 0
}

async function readSecrets(
  database: Database,
  seal: TokenSeal,
  workspaceId: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await readRows(database, workspaceId)
  return new Map(
    rows.map((row) => [row.name, seal.open(row.sealed_value, ownerOf(workspaceId, row.name))]),
  )
}

async function readRows(tx: Queryable, workspaceId: string): Promise<VariableRow[]> {
  if (!isUuid(workspaceId)) return []
  return tx.rows<VariableRow>(
    `SELECT ${COLUMNS} FROM variables WHERE workspace_id = $1 ORDER BY name COLLATE "C"`,
    [workspaceId],
  )
}

function ownerOf(workspaceId: string, name: string): string {
  return `variable ${workspaceId} ${name}`
}

function toRecord(row: VariableRow): VariableRecord {
  return {
    name: row.name,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    editedBy: row.edited_by,
  }
}
