import { fault } from '@sandpiper/faults'
import { changedLimits, type LimitChanges, type Limits } from '@sandpiper/tokens'

import { announceChange } from './change-feed.ts'
import type { Database, Queryable } from './database.ts'
import type { LimitStore } from './limit-contract.ts'
import { readWorkspaceLimits } from './read-workspace-limits.ts'
import { workspaceMissing } from './token-rows.ts'
import { isUuid } from './uuid.ts'

/** @param now Unix milliseconds. @param onChange empties what was remembered of tokens in this process: their limits are in it. */
export function createLimitStore(
  database: Database,
  now: () => number,
  onChange: () => void,
): LimitStore {
  return {
    workspaceLimits: (workspaceId) => readWorkspaceLimits(database, workspaceId),
    async changeWorkspaceLimits(workspaceId, changes) {
      try {
        return await database.transaction(async (tx) => {
          const limits = await change(tx, workspaceId, changes, new Date(now()))
          await announceChange(tx, { kind: 'tokens' })
          return limits
        })
      } finally {
        // Also after a failure: a lost reply to COMMIT leaves open what happened.
        onChange()
      }
    },
  }
}

async function change(
  tx: Queryable,
  workspaceId: string,
  changes: LimitChanges,
  at: Date,
): Promise<Limits> {
  // One at a time, or one of two changes would be lost.
  const [workspace] = isUuid(workspaceId)
    ? await tx.rows<{ main_id: string | null }>(
        'SELECT main_id FROM workspaces WHERE id = $1 AND NOT is_system FOR UPDATE',
        [workspaceId],
      )
    : []
  if (workspace === undefined) throw workspaceMissing()
  if (workspace.main_id !== null) {
    throw fault('request.invalid', {
      public: `A branch has the limits of its main workspace: change those of ${workspace.main_id}.`,
    })
  }
  const limits = changedLimits(await readWorkspaceLimits(tx, workspaceId), changes)
  await tx.rows(
    `INSERT INTO workspace_limits (workspace_id, limits, updated_at) VALUES ($1, $2, $3)
     ON CONFLICT (workspace_id) DO UPDATE SET limits = excluded.limits, updated_at = excluded.updated_at`,
    [workspaceId, JSON.stringify(limits), at],
  )
  return limits
}
