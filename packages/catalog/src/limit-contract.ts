// What the rest of the product asks of the catalog about the limits of a workspace. Those of a token come with the token.
import type { LimitChanges, Limits } from '@sandpiper/tokens'

/** The part of the catalog that knows limits. */
export interface LimitStore {
  /** Of a branch those of its main workspace; empty when none are set, or there is no such workspace. */
  workspaceLimits(workspaceId: string): Promise<Limits>
  /**
   * Changes what is given and tells what holds then; tokens of this process know it at once, others within 1 s.
   * @throws fault `resource.missing` for an unknown workspace | `request.invalid` for a branch, which has those of its main workspace.
   */
  changeWorkspaceLimits(workspaceId: string, changes: LimitChanges): Promise<Limits>
}
