// What the rest of the product asks of the catalog. Implemented on Postgres by create-catalog.ts; every method is one short transaction.
import type { DeploymentMap } from '@sandpiper/deployment'
import type { Limits, Scope, StoredToken } from '@sandpiper/tokens'

import type { CopyStore } from './copy-contract.ts'
import type { DocumentStore } from './document-contract.ts'
import type { JobQueueStore } from './job-queue-contract.ts'
import type { JwtStore } from './jwt-contract.ts'
import type { KafkaStore } from './kafka-contract.ts'
import type { LimitStore } from './limit-contract.ts'
import type {
  BatchRecord,
  Confirmation,
  MissingBatch,
  MissingKey,
  Deployment,
  Feedback,
  Job,
  JobNote,
  JobReport,
  JobStatus,
  SchemaVersion,
  TokenRecord,
  Workspace,
  WriterProgress,
} from './records.ts'
import type { CatalogSnapshot } from './open-snapshot.ts'
import type { ReplayStore } from './replay-contract.ts'
import type { ShareStore } from './share-contract.ts'
import type { NewJwt } from './sign-jwt.ts'
import type { TagStore } from './tag-contract.ts'
import type { VariableStore } from './variable-contract.ts'

/** A map and which deployment it is; `number` 0 is the empty one. */
export interface MapOfDeployment {
  readonly number: number
  readonly map: DeploymentMap
}

/** A token to be made; its id, value and time are the catalog's to choose. */
export interface NewToken {
  readonly workspaceId: string
  readonly name: string
  readonly description?: string
  readonly scopes: readonly Scope[]
  /** Of the token alone; default none. */
  readonly limits?: Limits
  readonly origin: TokenRecord['origin']
}

/** Which jobs to list. */
export interface JobFilter {
  readonly status?: JobStatus
  readonly kind?: string
  /** ISO time: jobs made at it or later, and whatever is not finished. */
  readonly since?: string
  readonly limit?: number
}

/** A token with its secret. */
export interface TokenWithValue {
  readonly record: TokenRecord
  /** The secret itself, decrypted. Never log it. */
  readonly value: string
}

/**
 * What is known beside the rows themselves. Every method may also throw fault `catalog.unavailable` (503): then a change may or may
 * not have happened, and asking again is safe where "idempotent" is said.
 */
export interface Catalog
  extends
    CopyStore,
    DocumentStore,
    JobQueueStore,
    JwtStore,
    KafkaStore,
    LimitStore,
    ReplayStore,
    ShareStore,
    TagStore,
    VariableStore {
  /** Creates a workspace (or a branch when `mainId` is given, with a copy of the variables of its main workspace) with its "workspace admin token". @throws fault `request.conflict` when the name is taken among its siblings. */
  createWorkspace(input: {
    name: string
    mainId?: string
  }): Promise<{ workspace: Workspace; adminToken: TokenWithValue }>
  /** Main workspaces, oldest first. */
  listWorkspaces(): Promise<Workspace[]>
  listBranches(mainId: string): Promise<Workspace[]>
  findWorkspace(id: string): Promise<Workspace | null>
  /** Removes the workspace, its branches, tokens and deployments from the catalog (not its ClickHouse database). */
  removeWorkspace(id: string): Promise<void>
  workspaceAdminToken(workspaceId: string): Promise<TokenWithValue>

  /**
   * Looks a token up by value, static or JWT. Cached; a change in this process shows at once, in another within 1 s: a removed token, a
   * refreshed admin token or a removed key or workspace for the JWTs they signed. @throws fault `auth.denied` (403) for a JWT that was
   * signed well and is not right (expired, a claim of the wrong type).
   */
  findToken(value: string): Promise<StoredToken | null>
  /** What findToken would say, as the same object, when that is known without waiting; else undefined. */
  tokenNow(value: string): StoredToken | null | undefined
  /** Makes a JWT, signed with the workspace's admin token and kept nowhere. @throws fault `resource.missing` for an unknown workspace. */
  createJwt(workspaceId: string, jwt: NewJwt): Promise<string>
  createToken(input: NewToken): Promise<TokenWithValue>
  listTokens(workspaceId: string): Promise<TokenWithValue[]>
  /** Removes a token by id or name. False when there is none. */
  removeToken(workspaceId: string, idOrName: string): Promise<boolean>
  /** New secret for the same token; the old value stops working. */
  refreshToken(workspaceId: string, idOrName: string): Promise<TokenWithValue | null>
  /** Changes what is given of a token, by id or name; null when there is none. The value stays. @throws fault `request.conflict` for a name that another token has. */
  updateToken(
    workspaceId: string,
    idOrName: string,
    change: Partial<Pick<NewToken, 'name' | 'description' | 'scopes' | 'limits'>>,
  ): Promise<TokenWithValue | null>
  /** Makes the datafile tokens (origin DS or P) of a workspace exactly these, by name (each name once): values of kept names do not change. @throws fault `request.conflict` when a name belongs to a token made by hand or with the workspace; nothing is changed then. */
  replaceDatafileTokens(
    workspaceId: string,
    wanted: readonly Omit<NewToken, 'workspaceId'>[],
  ): Promise<void>

  /** The live map. @throws fault `resource.missing` for an unknown workspace. Cached by deployment number; the number itself is read through a cache that a promotion in this process clears at once. */
  liveMap(workspaceId: string): Promise<MapOfDeployment>
  /** The map that liveMap would give, the very same, when it is known without waiting; else undefined. */
  liveMapNow(workspaceId: string): DeploymentMap | undefined
  /** The map of a staging or numbered deployment, for `__tb__deployment`; null when there is none. */
  mapOf(workspaceId: string, deployment: 'staging' | number): Promise<MapOfDeployment | null>
  /** Starts a deployment with the next number. @throws fault `request.conflict` when another one is unfinished. */
  createDeployment(input: {
    workspaceId: string
    kind: Deployment['kind']
    map: DeploymentMap
    plan: unknown
    feedback: readonly Feedback[]
  }): Promise<Deployment>
  updateDeployment(
    workspaceId: string,
    number: number,
    change: Partial<Pick<Deployment, 'status' | 'feedback' | 'plan'>>,
  ): Promise<Deployment>
  /** Swaps the live row to this deployment in one transaction, together with its schema versions; its status becomes data_ready. @throws fault `request.conflict` when it is failed, deleting or deleted | `resource.missing`. */
  promote(workspaceId: string, number: number): Promise<void>
  findDeployment(workspaceId: string, number: number): Promise<Deployment | null>
  /** Newest first; without deleted ones unless asked. */
  listDeployments(
    workspaceId: string,
    options?: { includeDeleted?: boolean },
  ): Promise<Deployment[]>
  /** Every workspace with a deployment whose work was cut off (status calculating, creating_schema, schema_ready or deleting). For recovery at start. */
  unfinishedDeployments(): Promise<Deployment[]>

  /** Idempotent. Must be stored before a frame may carry the version. A version is never written twice: other columns under a number that is taken are a bug (AssertionError), so number new ones from latestSchemaVersion(). */
  putSchemas(schemas: readonly SchemaVersion[]): Promise<void>
  /** Cached for ever. null when the version never existed. */
  schema(dataSourceId: string, version: number): Promise<SchemaVersion | null>

  /** Highest version ever stored for a data source, discarded deployments included; 0 when none. */
  latestSchemaVersion(dataSourceId: string): Promise<number>

  /** Inserts a job that no queue runs, or updates status, error, details and time of the one with its id. */
  putJob(job: JobReport): Promise<void>
  findJob(workspaceId: string, id: string): Promise<Job | null>
  /** Newest first. @param filter.limit default 100. */
  listJobs(workspaceId: string, filter?: JobFilter): Promise<Job[]>
  /** What a job noted beside its state: blocks and log lines; null when there is no such job. */
  jobNotes(workspaceId: string, id: string): Promise<Pick<JobNote, 'blocks' | 'log'> | null>

  /** What the writer has confirmed, per data source, and from where it must read the log. */
  writerState(): Promise<{
    readFrom: number
    progress: WriterProgress[]
    openBatches: BatchRecord[]
    /** The newest batches that a view could not take and still lacks, oldest first; at most 1,000. */
    viewFailures: (Omit<BatchRecord, 'state'> & { message: string })[]
  }>
  /** Makes the caller the only writer: from now on calls of one that came before reject with NotTheWriter. */
  becomeWriter(name: string): Promise<void>
  /** Removes progress that tells nothing any more: below the place from which the log is read anyway. */
  forgetOldProgress(): Promise<void>
  /** Records the intent to load; durable when it resolves. */
  beginBatch(record: BatchRecord): Promise<void>
  /** Confirms: progress, removal of the batch record, what views lack and the new `readFrom`, in one transaction. */
  confirmBatch(confirmation: Confirmation): Promise<void>
  /** Which views lack batches of which data sources, and how many. */
  missingViews(): Promise<(MissingKey & { workspaceId: string; batches: number })[]>
  /** Batches that a view lacks, in the order of the log. @param after only those that begin above this sequence. */
  missingBatches(key: MissingKey, limit: number, after?: number): Promise<MissingBatch[]>
  /** Lowest sequence that a view lacks since `sinceMs`, or null. */
  lowestMissing(sinceMs: number): Promise<number | null>
  /** Gives up what a view lacks since before `beforeMs`; tells how many batches. */
  forgetMissing(key: MissingKey, beforeMs: number): Promise<number>
  /** The same for every view, but for those with a repair under way; at most 10,000 batches, the oldest first. */
  forgetOldMissing(beforeMs: number): Promise<number>
  /** Repairs that were begun and not ended. */
  openRepairs(): Promise<(MissingKey & { state: unknown })[]>
  /** Records the intent to repair; durable when it resolves. */
  beginRepair(repair: MissingKey & { state: unknown; inFlightOf?: string | null }): Promise<void>
  /** Ends a repair: batches that the view has now (named by their first sequence), and those that views behind it lack, in one transaction. */
  endRepair(
    end: MissingKey & { repaired: readonly number[]; missing: readonly MissingBatch[] },
  ): Promise<void>

  /** Connections of this process to Postgres now, and callers that wait for one; for metrics. */
  connections(): { readonly used: number; readonly idle: number; readonly waiting: number }
  /** All rows as they are now, to be read at leisure within ten minutes and closed; loadSnapshot() puts them back. @throws fault `catalog.unavailable`. */
  snapshot(): Promise<CatalogSnapshot>

  close(): Promise<void>
}
