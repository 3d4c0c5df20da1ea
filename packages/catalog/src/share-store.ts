import { fault } from '@sandpiper/faults'

import { announceChange } from './change-feed.ts'
import type { Database, Queryable } from './database.ts'
import { DASHBOARD_SHARES_MAX, type DashboardShare, type ShareStore } from './share-contract.ts'
import { workspaceMissing } from './token-rows.ts'
import { isUuid } from './uuid.ts'

interface ShareRow {
  readonly id: string
  readonly dashboard_id: string
  readonly made_by: string
  readonly created_at: Date
  readonly expires_at: Date
  readonly pipes: string
  readonly fixed_params: string
}

const COLUMNS = 'id, dashboard_id, made_by, created_at, expires_at, pipes, fixed_params'

/** @param now Unix milliseconds. @param onChange empties what was remembered of tokens in this process. */
export function createShareStore(
  database: Database,
  now: () => number,
  onChange: () => void,
): ShareStore {
  async function changed<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result> {
    try {
      return await database.transaction(async (tx) => {
        const result = await work(tx)
        await announceChange(tx, { kind: 'tokens' })
        return result
      })
    } finally {
      // Also after a failure: a lost reply to COMMIT leaves open what happened.
      onChange()
    }
  }
  return {
    async listShares(workspaceId, dashboardId) {
      if (!isUuid(workspaceId)) return []
      const rows = await database.rows<ShareRow>(
        `SELECT ${COLUMNS} FROM dashboard_shares
         WHERE workspace_id = $1 AND dashboard_id = $2 AND expires_at > $3 ORDER BY created_at DESC, id`,
        [workspaceId, dashboardId, new Date(now())],
      )
      return rows.map(toShare)
    },
    createShare: (workspaceId, share) =>
      changed((tx) => insert(tx, workspaceId, share, new Date(now()))),
    async removeShare(workspaceId, dashboardId, shareId) {
      if (!isUuid(workspaceId) || !isUuid(shareId)) return false
      return changed(async (tx) => {
        const gone = await tx.rows(
          'DELETE FROM dashboard_shares WHERE workspace_id = $1 AND dashboard_id = $2 AND id = $3 RETURNING id',
          [workspaceId, dashboardId, shareId],
        )
        return gone.length > 0
      })
    },
  }
}

/** All that the JWTs of a workspace may name: at most DASHBOARD_SHARES_MAX, and those that are over. */
export async function readShareIds(
  database: Queryable,
  workspaceId: string,
): Promise<ReadonlySet<string>> {
  const rows = await database.rows<{ id: string }>(
    'SELECT id FROM dashboard_shares WHERE workspace_id = $1',
    [workspaceId],
  )
  return new Set(rows.map(({ id }) => id))
}

/** For when no JWT of theirs is good any more. */
export async function removeSharesOf(tx: Queryable, workspaceId: string): Promise<void> {
  await tx.rows('DELETE FROM dashboard_shares WHERE workspace_id = $1', [workspaceId])
}

async function insert(
  tx: Queryable,
  workspaceId: string,
  { id, dashboardId, madeBy, expiresAt, pipes, fixedParams }: Omit<DashboardShare, 'createdAt'>,
  at: Date,
): Promise<void> {
  // One at a time, or two would each be the last that there is room for.
  const [workspace] = isUuid(workspaceId)
    ? await tx.rows('SELECT id FROM workspaces WHERE id = $1 AND NOT is_system FOR UPDATE', [
        workspaceId,
      ])
    : []
  if (workspace === undefined) throw workspaceMissing()
  await tx.rows('DELETE FROM dashboard_shares WHERE workspace_id = $1 AND expires_at <= $2', [
    workspaceId,
    at,
  ])
  const { size } = await readShareIds(tx, workspaceId)
  if (size >= DASHBOARD_SHARES_MAX) {
    throw fault('request.invalid', {
      public: `A workspace has at most ${DASHBOARD_SHARES_MAX} links to dashboards: end some.`,
    })
  }
  const made = await tx.rows(
    `INSERT INTO dashboard_shares (id, workspace_id, dashboard_id, made_by, created_at, expires_at, pipes, fixed_params)
     SELECT $1::uuid, workspace_id, id, $4, $5::timestamptz, $6::timestamptz, $7, $8 FROM console_documents
     WHERE workspace_id = $2 AND kind = 'dashboard' AND owner = '' AND id = $3 RETURNING id`,
    [
      ...[id, workspaceId, dashboardId, madeBy, at, new Date(expiresAt)],
      ...[JSON.stringify(pipes), JSON.stringify(fixedParams)],
    ],
  )
  if (made.length === 0)
    throw fault('resource.missing', { public: `There is no dashboard '${dashboardId}'.` })
}

function toShare(row: ShareRow): DashboardShare {
  return {
    id: row.id,
    dashboardId: row.dashboard_id,
    madeBy: row.made_by,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    pipes: JSON.parse(row.pipes) as string[],
    fixedParams: JSON.parse(row.fixed_params) as Record<string, unknown>,
  }
}
