import { fault } from '@sandpiper/faults'

import type { Catalog } from './catalog-contract.ts'
import { announceChange } from './change-feed.ts'
import { isViolation, type Database, type Queryable } from './database.ts'
import type { Workspace } from './records.ts'
import {
  insertToken,
  SELECT_TOKENS,
  tokenWithValue,
  workspaceMissing,
  type TokenMaker,
  type TokenRow,
} from './token-rows.ts'
import { isUuid } from './uuid.ts'
import { copyVariables } from './variable-store.ts'
import { WORKSPACE_ADMIN_TOKEN } from './workspace-admin-token.ts'

interface WorkspaceRow {
  readonly id: string
  readonly name: string
  readonly main_id: string | null
  readonly live_deployment: number
  readonly created_at: Date
}

const SELECT_WORKSPACES = 'SELECT id, name, main_id, live_deployment, created_at FROM workspaces'

type WorkspaceStore = Pick<
  Catalog,
  | 'createWorkspace'
  | 'listWorkspaces'
  | 'listBranches'
  | 'findWorkspace'
  | 'removeWorkspace'
  | 'workspaceAdminToken'
>

/** The part of the catalog that knows workspaces and branches. */
export function createWorkspaceStore(
  database: Database,
  maker: TokenMaker,
  onRemoved: () => void,
): WorkspaceStore {
  return {
    createWorkspace: (input) =>
      database.transaction(async (tx) => {
        const workspace = await insertWorkspace(tx, maker, input)
        if (workspace.mainId !== null)
          await copyVariables(tx, maker.seal, workspace.mainId, workspace.id)
        const adminToken = await insertToken(tx, maker, {
          workspaceId: workspace.id,
          name: WORKSPACE_ADMIN_TOKEN,
          scopes: [{ type: 'ADMIN', resource: null, filter: null, fixedParams: null }],
          origin: { type: 'W', resourceId: null },
        })
        return { workspace, adminToken }
      }),
    async listWorkspaces() {
      const rows = await database.rows<WorkspaceRow>(
        `${SELECT_WORKSPACES} WHERE main_id IS NULL AND NOT is_system ORDER BY created_at, id`,
      )
      return rows.map(toWorkspace)
    },
    async listBranches(mainId) {
      if (!isUuid(mainId)) return []
      const rows = await database.rows<WorkspaceRow>(
        `${SELECT_WORKSPACES} WHERE main_id = $1 ORDER BY created_at, id`,
        [mainId],
      )
      return rows.map(toWorkspace)
    },
    async findWorkspace(id) {
      if (!isUuid(id)) return null
      const [row] = await database.rows<WorkspaceRow>(
        `${SELECT_WORKSPACES} WHERE id = $1 AND NOT is_system`,
        [id],
      )
      return row === undefined ? null : toWorkspace(row)
    },
    async removeWorkspace(id) {
      if (!isUuid(id)) return
      try {
        await database.transaction((tx) => removeWorkspaceRows(tx, id))
      } finally {
        // Also after a failure: a lost reply to COMMIT leaves open what happened.
        onRemoved()
      }
    },
    async workspaceAdminToken(workspaceId) {
      const [row] = isUuid(workspaceId)
        ? await database.rows<TokenRow>(
            `${SELECT_TOKENS} WHERE t.workspace_id = $1 AND t.origin_type = 'W' AND t.name = $2`,
            [workspaceId, WORKSPACE_ADMIN_TOKEN],
          )
        : []
      if (row === undefined) throw workspaceMissing()
      return tokenWithValue(row, maker.seal)
    },
  }
}

async function insertWorkspace(
  tx: Queryable,
  maker: TokenMaker,
  input: { name: string; mainId?: string },
): Promise<Workspace> {
  const id = maker.newId()
  const createdAt = new Date(maker.now())
  const mainId = input.mainId ?? null
  try {
    await tx.rows(
      'INSERT INTO workspaces (id, name, main_id, created_at) VALUES ($1, $2, $3, $4)',
      [id, input.name, mainId, createdAt],
    )
  } catch (err) {
    const kind = mainId === null ? 'workspace' : 'branch'
    const index = mainId === null ? 'workspaces_name' : 'workspaces_branch_name'
    if (isViolation(err, '23505', index)) {
      throw fault('request.conflict', {
        public: `A ${kind} named "${input.name}" already exists.`,
        cause: err,
      })
    }
    if (isViolation(err, '23503', 'workspaces_main_id_fkey')) throw workspaceMissing(err)
    throw err
  }
  return { id, name: input.name, mainId, createdAt: createdAt.toISOString(), liveDeployment: 0 }
}

async function removeWorkspaceRows(tx: Queryable, id: string): Promise<void> {
  // The writer's rows know data sources only; they go first, while it can still be told whose they are.
  const theirs = `data_source_id IN (
    SELECT s.data_source_id FROM data_source_schemas s JOIN workspaces w ON w.id = s.workspace_id
    WHERE (w.id = $1 OR w.main_id = $1) AND NOT w.is_system)`
  await tx.rows(`DELETE FROM writer_progress WHERE ${theirs}`, [id])
  await tx.rows(`DELETE FROM writer_batches WHERE ${theirs}`, [id])
  await tx.rows('DELETE FROM workspaces WHERE id = $1 AND NOT is_system', [id])
  await announceChange(tx, { kind: 'all' })
}

function toWorkspace(row: WorkspaceRow): Workspace {
  return {
    id: row.id,
    name: row.name,
    mainId: row.main_id,
    createdAt: row.created_at.toISOString(),
    liveDeployment: row.live_deployment,
  }
}
