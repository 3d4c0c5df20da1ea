import type { Limits } from '@sandpiper/tokens'

import type { Queryable } from './database.ts'
import { isUuid } from './uuid.ts'

/** A branch has the plan of its main workspace: whoever may make branches must not get out of it. */
export async function readWorkspaceLimits(
  database: Queryable,
  workspaceId: string,
): Promise<Limits> {
  if (!isUuid(workspaceId)) return {}
  const [row] = await database.rows<{ limits: Limits }>(
    `SELECT l.limits FROM workspaces w JOIN workspace_limits l ON l.workspace_id = coalesce(w.main_id, w.id) WHERE w.id = $1`,
    [workspaceId],
  )
  return row?.limits ?? {}
}
