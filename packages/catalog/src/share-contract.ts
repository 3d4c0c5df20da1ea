// What the rest of the product asks of the catalog about links to dashboards.

/** A link that works until it ends, or is ended. */
export interface DashboardShare {
  /** A UUID: its JWT names it. */
  readonly id: string
  readonly dashboardId: string
  /** Name of the token that made it. */
  readonly madeBy: string
  readonly createdAt: string
  readonly expiresAt: string
  /** Names of its endpoints when it was made. */
  readonly pipes: readonly string[]
  readonly fixedParams: Readonly<Record<string, unknown>>
}

/** Links of one workspace that have not ended. */
export const DASHBOARD_SHARES_MAX = 1_000

/**
 * The part of the catalog that knows links to dashboards. A JWT that names one is refused without it: at once in the process that ended the link,
 * in others within 1 s. They go with their dashboard, with their workspace, and when the key that signed them is changed.
 */
export interface ShareStore {
  /** Those of a dashboard that have not ended, the newest first. */
  listShares(workspaceId: string, dashboardId: string): Promise<DashboardShare[]>
  /**
   * Records a link, whose JWT works from then on.
   * @throws fault `resource.missing` without such a dashboard | `request.invalid` when the workspace has DASHBOARD_SHARES_MAX.
   */
  createShare(workspaceId: string, share: Omit<DashboardShare, 'createdAt'>): Promise<void>
  /** False when the dashboard has no such link. */
  removeShare(workspaceId: string, dashboardId: string, shareId: string): Promise<boolean>
}
