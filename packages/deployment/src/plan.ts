// What a deployment will do, as a value: computed before anything is touched, kept with the deployment as JSON.
import type { Column, Datafile } from '@sandpiper/datafile'

import type { DeploymentMap } from './deployment-map.ts'

/** One remark for the user. `resource` is like `Datasource events.datasource`, or null for the whole project. */
export interface PlanFeedback {
  readonly resource: string | null
  readonly level: 'ERROR' | 'WARNING' | 'INFO'
  readonly message: string
}

/** Names by what happens to them. */
export interface NameChanges {
  readonly created: readonly string[]
  readonly changed: readonly string[]
  readonly deleted: readonly string[]
}

/** All three kinds of resources. */
export interface ProjectChanges {
  readonly dataSources: NameChanges
  readonly pipes: NameChanges
  readonly connections: NameChanges
}

/**
 * What happens to the table of one data source. `create`: a new data source. `alter`: same table, changed in place.
 * `rebuild`: a new table beside the old one, filled `forward` (the old rows through the FORWARD_QUERY),
 * as they are (`copy`), by `recompute` (the materializations that feed it run over their sources) or left `empty`.
 */
export interface TableChange {
  readonly dataSource: string
  readonly kind: 'create' | 'alter' | 'rebuild'
  readonly fill: 'forward' | 'copy' | 'recompute' | 'empty'
}

/**
 * A materialized view that is made anew. At `stage` it feeds a table that nobody reads yet; at `promote` it takes over a live
 * target. `fill`: it first runs over the rows its source holds.
 */
export interface ViewChange {
  readonly pipe: string
  readonly at: 'stage' | 'promote'
  readonly fill: boolean
}

/** Whether the old table goes on feeding the new one until the promotion and while frames for it are still in the log. */
export function isForwarded(change: TableChange): boolean {
  return change.kind === 'rebuild' && (change.fill === 'forward' || change.fill === 'copy')
}

/** Columns to be stored before a frame may carry their version. */
export interface PlannedSchema {
  readonly dataSourceId: string
  readonly version: number
  readonly generation: number
  readonly columns: readonly Column[]
}

/** What a deployment will do, and what its user should know. */
export interface DeploymentPlan {
  readonly result: 'success' | 'failed' | 'no_changes'
  readonly feedback: readonly PlanFeedback[]
  readonly changes: ProjectChanges
  /** The map that goes live; meaningless when the result is `failed`. */
  readonly next: DeploymentMap
  readonly schemas: readonly PlannedSchema[]
  /** In an order in which each table is filled after those it is filled from. */
  readonly tables: readonly TableChange[]
  readonly views: readonly ViewChange[]
}

/** `Datasource events.datasource`, as clients show it. */
export function resourceLabel(file: Pick<Datafile, 'kind' | 'name'>): string {
  const kind = { datasource: 'Datasource', pipe: 'Pipe', connection: 'Connection' }[file.kind]
  return `${kind} ${file.name}.${file.kind}`
}
