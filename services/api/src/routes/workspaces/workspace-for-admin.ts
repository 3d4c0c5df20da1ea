import type { Workspace } from '@sandpiper/catalog'
import { fault } from '@sandpiper/faults'
import { isAdmin, isServerAdmin, type Principal } from '@sandpiper/tokens'

import type { ApiDeps } from '../../api-deps.ts'

/** The workspace of that id. @throws fault `resource.missing`, in the same words for what is not there and for what is not theirs. */
export async function workspaceForAdmin(
  deps: Pick<ApiDeps, 'catalog'>,
  principal: Principal,
  id: string,
): Promise<Workspace> {
  const workspace = await deps.catalog.findWorkspace(id)
  if (workspace === null || !mayUse(principal, workspace)) throw workspaceMissing()
  return workspace
}

/** What is said of a workspace that is not there. */
export function workspaceMissing(): Error {
  return fault('resource.missing', { public: 'Workspace not found' })
}

function mayUse(principal: Principal, workspace: Workspace): boolean {
  if (isServerAdmin(principal) || principal.workspaceId === workspace.id) return true
  return isAdmin(principal) && workspace.mainId === principal.workspaceId
}
