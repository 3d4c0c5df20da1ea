// Rows of the catalog, as the rest of the product sees them. SQL in sql/catalog; queries in the files beside this one.
import type { Column } from '@sandpiper/datafile'
import type { DeploymentMap } from '@sandpiper/deployment'
import type { CallerLimits, Scope } from '@sandpiper/tokens'

/** A workspace or a branch. */
export interface Workspace {
  /** UUID. */
  readonly id: string
  readonly name: string
  /** Parent workspace when this is a branch, else null. */
  readonly mainId: string | null
  readonly createdAt: string
  /** Number of the live deployment; 0 before the first. */
  readonly liveDeployment: number
}

/** A static token without its secret. */
export interface TokenRecord {
  /** UUID. */
  readonly id: string
  readonly workspaceId: string
  readonly name: string
  readonly description: string
  readonly scopes: readonly Scope[]
  /** Its own and those of its workspace; absent when neither has any. */
  readonly limits?: CallerLimits
  /** Who made it: `C` by hand, `DS`/`P` by a TOKEN line in a datafile, `W` with the workspace. */
  readonly origin: { readonly type: 'C' | 'DS' | 'P' | 'W'; readonly resourceId: string | null }
  readonly createdAt: string
}

/** How far a deployment is; the words are the wire's. Source: Tinybird deployments, read 2026-11. */
export type DeploymentStatus =
  | 'calculating'
  | 'creating_schema'
  | 'schema_ready'
  | 'data_ready'
  | 'failed'
  | 'deleting'
  | 'deleted'

/** One remark to the deployer. */
export interface Feedback {
  /** `Datasource events.datasource`, or null for the whole project. */
  readonly resource: string | null
  readonly level: 'ERROR' | 'WARNING' | 'INFO'
  readonly message: string
}

/** One deployment with its map. */
export interface Deployment {
  readonly workspaceId: string
  /** Small integer per workspace, from 1; on the wire a string. */
  readonly number: number
  readonly status: DeploymentStatus
  readonly live: boolean
  readonly kind: 'build' | 'deploy'
  readonly map: DeploymentMap
  readonly feedback: readonly Feedback[]
  /** What it changed and what is left to do after promotion (planner's own JSON). */
  readonly plan: unknown
  readonly createdAt: string
  readonly updatedAt: string
}

/** The columns a frame was validated against, and the table they go to. Written once, never changed: safe to cache for ever. */
export interface SchemaVersion {
  readonly dataSourceId: string
  readonly version: number
  readonly workspaceId: string
  readonly generation: number
  readonly columns: readonly Column[]
}

/** How far a job is. Of these `done`, `error` and `cancelled` are final. */
export type JobStatus = 'waiting' | 'working' | 'done' | 'error' | 'cancelled'

/** What every job has, also one that was done at once and never ran in a queue. */
export interface JobReport {
  /** UUID. */
  readonly id: string
  readonly workspaceId: string
  readonly kind: string
  readonly status: JobStatus
  readonly error: string | null
  /** Members of the wire object that depend on the kind. */
  readonly details: Readonly<Record<string, unknown>>
  readonly createdAt: string
  readonly updatedAt: string
}

/** Work that callers may poll. */
export interface Job extends JobReport {
  /** When it was first taken up; null while it never was. */
  readonly startedAt: string | null
  /** Per cent, 0 to 100; null when the kind does not tell. */
  readonly progress: number | null
  /** Counts of its kind, such as rows and bytes. */
  readonly statistics: Readonly<Record<string, unknown>> | null
  /** It is to stop; whoever works on it will. */
  readonly cancelRequested: boolean
  /** From 0; one more for each time it went back to waiting. */
  readonly attempt: number
}

/** What a running job tells of itself. */
export interface JobNote {
  readonly progress: number | null
  readonly statistics: Readonly<Record<string, unknown>> | null
  readonly details: Readonly<Record<string, unknown>>
  /** Newest last; what is told of each piece of the work. */
  readonly blocks: readonly unknown[]
  readonly log: readonly string[]
}

/** A job with what its runner needs. */
export interface JobToRun extends Job {
  /** As it was enqueued. */
  readonly input: unknown
  /** ISO time before which it is not to be taken up; null: at once. */
  readonly notBefore: string | null
}

/** What the writer has done for one data source. */
export interface WriterProgress {
  readonly dataSourceId: string
  /** Every frame of this data source up to this sequence is in every target. */
  readonly loadedUpTo: number
}

/** A batch that was begun: enough to decide, after a crash, which targets have it. Removed when confirmed. */
export interface BatchRecord {
  readonly dataSourceId: string
  readonly fromSequence: number
  readonly toSequence: number
  /** Spool files and the highest block number per target and partition before the load (writer's own JSON). */
  readonly state: unknown
  /** The workspace whose tables something of it may be on its way to; null or not given: nothing is. */
  readonly inFlightOf?: string | null
}

/** A batch that is in every target but those that `missing` names. */
export interface Confirmation {
  readonly dataSourceId: string
  readonly toSequence: number
  /** Where the log has to be read from at the next start. */
  readonly readFrom: number
  readonly missing?: readonly MissingBatch[]
}

/** A batch that a failing view could not take. */
export interface MissingBatch {
  /** Name of the materialized view in ClickHouse. */
  readonly view: string
  readonly dataSourceId: string
  readonly fromSequence: number
  readonly toSequence: number
  readonly workspaceId: string
  readonly schemaVersion: number
  /** The writer's own JSON: what a repair has to know. */
  readonly details: unknown
  /** What the engine said. */
  readonly message: string
  /** Unix milliseconds. */
  readonly createdAtMs: number
}

/** All that one view lacks of one data source. */
export type MissingKey = Pick<MissingBatch, 'view' | 'dataSourceId'>
