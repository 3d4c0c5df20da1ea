import { assert } from '@sandpiper/assert'
import { emptyMap, hideStaged, withoutHidden, type DeploymentMap } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { LRUCache } from 'lru-cache'

import type { Catalog, MapOfDeployment } from './catalog-contract.ts'
import { announceChange } from './change-feed.ts'
import type { Database, Queryable } from './database.ts'
import { createFreshCache, type FreshCache } from './fresh-cache.ts'
import type { Deployment, DeploymentStatus, Feedback, SchemaVersion } from './records.ts'
import { insertSchemas } from './schema-store.ts'
import { workspaceMissing } from './token-rows.ts'
import { isUuid } from './uuid.ts'

type DeploymentStore = Pick<
  Catalog,
  | 'liveMap'
  | 'liveMapNow'
  | 'mapOf'
  | 'createDeployment'
  | 'updateDeployment'
  | 'promote'
  | 'findDeployment'
  | 'listDeployments'
  | 'unfinishedDeployments'
>

interface DeploymentRow {
  readonly workspace_id: string
  readonly number: number
  readonly kind: Deployment['kind']
  readonly status: DeploymentStatus
  readonly live: boolean
  readonly map: DeploymentMap
  readonly plan: unknown
  readonly feedback: readonly Feedback[]
  readonly created_at: Date
  readonly updated_at: Date
}

const SELECT_DEPLOYMENTS = `
  SELECT d.workspace_id, d.number, d.kind, d.status, d.number = w.live_deployment AS live, d.map, d.plan, d.feedback,
    d.created_at, d.updated_at
  FROM deployments d JOIN workspaces w ON w.id = d.workspace_id`

/** The deployment beside the live one: made after it, neither failed nor gone. At most one per workspace. */
const IS_STAGING = `d.number > w.live_deployment AND d.status NOT IN ('failed', 'deleted')`

const LIVE_MAX_AGE_MS = 1_000
const WORKSPACES_CACHED_MAX = 10_000
/** Maps may be megabytes each. */
const MAPS_CACHED_MAX = 200
/** Further back, deployments that are gone are forgotten: each replacement of rows is one. */
const GONE_KEPT = 200

/** The part of the catalog that knows deployments; `forgetLive` makes it ask anew which is live. */
export function createDeploymentStore(
  database: Database,
  now: () => number,
): { store: DeploymentStore; forgetLive: (workspaceId: string | null) => void } {
  const liveNumbers = createFreshCache({
    read: (workspaceId) => readLiveNumbers(database, workspaceId),
    now,
    maxAgeMs: LIVE_MAX_AGE_MS,
    entriesMax: WORKSPACES_CACHED_MAX,
  })
  const maps = createMapReader(database)
  const { numberedMap } = maps

  const store: DeploymentStore = {
    ...liveMaps(liveNumbers, maps),
    async mapOf(workspaceId, deployment) {
      if (!isUuid(workspaceId)) return null
      if (deployment !== 'staging') return usableMap(database, numberedMap, workspaceId, deployment)
      const [row] = await database.rows<{ number: number }>(
        `SELECT d.number FROM deployments d JOIN workspaces w ON w.id = d.workspace_id
         WHERE d.workspace_id = $1 AND ${IS_STAGING} AND d.status = 'data_ready' ORDER BY d.number DESC LIMIT 1`,
        [workspaceId],
      )
      return row === undefined ? null : numberedMap(workspaceId, row.number)
    },
    async createDeployment(input) {
      try {
        return await database.transaction((tx) => insertDeployment(tx, new Date(now()), input))
      } finally {
        // What it adds to tables that are live is hidden from now on.
        liveNumbers.forget(input.workspaceId)
      }
    },
    updateDeployment: (workspaceId, number, change) =>
      database.transaction((tx) =>
        updateDeployment(tx, new Date(now()), workspaceId, number, change),
      ),
    async promote(workspaceId, number) {
      try {
        await database.transaction((tx) => promote(tx, new Date(now()), workspaceId, number))
      } finally {
        // Also after a failure: a lost reply to COMMIT leaves open what happened.
        liveNumbers.forget(workspaceId)
      }
    },
    findDeployment: (workspaceId, number) => findDeployment(database, workspaceId, number),
    listDeployments: (workspaceId, options) => listDeployments(database, workspaceId, options),
    async unfinishedDeployments() {
      const rows = await database.rows<DeploymentRow>(
        `${SELECT_DEPLOYMENTS} WHERE d.status IN ('calculating', 'creating_schema', 'schema_ready', 'deleting')
         ORDER BY d.workspace_id, d.number`,
      )
      return rows.map(toDeployment)
    },
  }
  const forgetLive = (workspaceId: string | null): void => {
    if (workspaceId === null) liveNumbers.forgetAll()
    else liveNumbers.forget(workspaceId)
  }
  return { store, forgetLive }
}

type MapReader = (workspaceId: string, number: number) => Promise<MapOfDeployment | null>

/** Maps never change: what was read once is kept. */
interface Maps {
  readonly numberedMap: MapReader
  /** When it is in memory. */
  readonly mapNow: (workspaceId: string, number: number) => DeploymentMap | undefined
}

function createMapReader(database: Database): Maps {
  const maps = new LRUCache<string, DeploymentMap>({ max: MAPS_CACHED_MAX })
  async function numberedMap(workspaceId: string, number: number): Promise<MapOfDeployment | null> {
    if (number === 0) return { number, map: emptyMap() }
    const key = `${workspaceId}/${number}`
    const known = maps.get(key)
    if (known !== undefined) return { number, map: known }
    const [row] = await database.rows<{ map: DeploymentMap }>(
      `SELECT map FROM deployments WHERE workspace_id = $1 AND number = $2`,
      [workspaceId, number],
    )
    if (row === undefined) return null
    maps.set(key, row.map)
    return { number, map: row.map }
  }
  return { numberedMap, mapNow: (workspaceId, number) => maps.get(`${workspaceId}/${number}`) }
}

interface LiveNumbers {
  readonly live: number
  /** Of the deployment beside it, from its beginning until it is live or gone. */
  readonly staged: number | null
}

async function readLiveNumbers(database: Database, workspaceId: string): Promise<LiveNumbers> {
  const [row] = isUuid(workspaceId)
    ? await database.rows<LiveNumbers>(
        `SELECT w.live_deployment AS live,
           (SELECT max(d.number) FROM deployments d WHERE d.workspace_id = w.id AND ${IS_STAGING}) AS staged
         FROM workspaces w WHERE w.id = $1`,
        [workspaceId],
      )
    : []
  if (row === undefined) throw workspaceMissing()
  return row
}

/** Live maps, without what is staged beside them. */
function liveMaps(
  numbers: FreshCache<LiveNumbers>,
  { numberedMap, mapNow }: Maps,
): Pick<DeploymentStore, 'liveMap' | 'liveMapNow'> {
  const shown = rememberShown()
  return {
    async liveMap(workspaceId) {
      const { live, staged } = await numbers.get(workspaceId)
      const found = await numberedMap(workspaceId, live)
      // Removed between the two reads.
      if (found === null) throw workspaceMissing()
      const beside = staged === null ? null : await numberedMap(workspaceId, staged)
      if (beside === null) return found
      return { number: live, map: shown(found.map, beside.map) }
    },
    liveMapNow(workspaceId) {
      const known = numbers.now(workspaceId)
      const map = known === undefined ? undefined : mapNow(workspaceId, known.live)
      if (map === undefined || known?.staged == null) return map
      const beside = mapNow(workspaceId, known.staged)
      return beside === undefined ? undefined : shown(map, beside)
    },
  }
}

/** One object for one pair of maps: others remember things by it. */
function rememberShown(): (live: DeploymentMap, staged: DeploymentMap) => DeploymentMap {
  const known = new WeakMap<DeploymentMap, { staged: DeploymentMap; shown: DeploymentMap }>()
  return (live, staged) => {
    const last = known.get(live)
    if (last?.staged === staged) return last.shown
    const shown = hideStaged(live, staged)
    known.set(live, { staged, shown })
    return shown
  }
}

/** A numbered deployment whose tables are there: the live one, or one that is ready. */
async function usableMap(
  database: Database,
  numberedMap: MapReader,
  workspaceId: string,
  number: number,
): Promise<MapOfDeployment | null> {
  const [row] = await database.rows<{ usable: boolean }>(
    `SELECT d.number = w.live_deployment OR d.status = 'data_ready' AS usable
     FROM deployments d JOIN workspaces w ON w.id = d.workspace_id WHERE d.workspace_id = $1 AND d.number = $2`,
    [workspaceId, number],
  )
  return row?.usable === true ? numberedMap(workspaceId, number) : null
}

async function insertDeployment(
  tx: Queryable,
  at: Date,
  input: Parameters<Catalog['createDeployment']>[0],
): Promise<Deployment> {
  const { workspaceId, kind, map, plan, feedback } = input
  // The row lock makes deployments of one workspace come one after the other.
  const [workspace] = await tx.rows<{ number: number }>(
    'UPDATE workspaces SET last_deployment = last_deployment + 1 WHERE id = $1 RETURNING last_deployment AS number',
    [workspaceId],
  )
  if (workspace === undefined) throw workspaceMissing()
  const { number } = workspace
  const [other] = await tx.rows<{ number: number; status: string }>(
    `SELECT d.number, d.status FROM deployments d JOIN workspaces w ON w.id = d.workspace_id
     WHERE d.workspace_id = $1 AND ${IS_STAGING} ORDER BY d.number LIMIT 1`,
    [workspaceId],
  )
  if (other !== undefined) {
    throw fault('request.conflict', {
      public: `Deployment ${other.number} is not finished (${other.status}). Set it live or discard it first.`,
    })
  }
  await tx.rows(
    `DELETE FROM deployments WHERE workspace_id = $1 AND number < $2 AND status IN ('deleted', 'failed')`,
    [workspaceId, number - GONE_KEPT],
  )
  await tx.rows(
    `INSERT INTO deployments (workspace_id, number, kind, status, map, plan, feedback, created_at, updated_at)
     VALUES ($1, $2, $3, 'calculating', $4, $5, $6, $7, $7)`,
    [
      workspaceId,
      number,
      kind,
      JSON.stringify(withoutHidden(map)),
      toJson(plan),
      JSON.stringify(feedback),
      at,
    ],
  )
  await announceChange(tx, { kind: 'live', workspaceId })
  const time = at.toISOString()
  return {
    workspaceId,
    number,
    kind,
    map,
    plan,
    feedback,
    status: 'calculating',
    live: false,
    createdAt: time,
    updatedAt: time,
  }
}

async function updateDeployment(
  tx: Queryable,
  at: Date,
  workspaceId: string,
  number: number,
  change: Parameters<Catalog['updateDeployment']>[2],
): Promise<Deployment> {
  const found = await lockDeployment(tx, workspaceId, number)
  const changed = { ...found, ...change, updatedAt: at.toISOString() }
  await tx.rows(
    `UPDATE deployments SET status = $3, plan = $4, feedback = $5, updated_at = $6 WHERE workspace_id = $1 AND number = $2`,
    [
      workspaceId,
      number,
      changed.status,
      toJson(changed.plan),
      JSON.stringify(changed.feedback),
      at,
    ],
  )
  return changed
}

async function promote(
  tx: Queryable,
  at: Date,
  workspaceId: string,
  number: number,
): Promise<void> {
  // Workspace before deployment, the order in which every transaction here locks.
  await tx.rows('SELECT id FROM workspaces WHERE id = $1 FOR UPDATE', [workspaceId])
  const { status, map } = await lockDeployment(tx, workspaceId, number)
  if (status === 'failed' || status === 'deleting' || status === 'deleted') {
    throw fault('request.conflict', {
      public: `Deployment ${number} cannot go live: it is ${status}.`,
    })
  }
  await insertSchemas(tx, schemasOf(workspaceId, map))
  await tx.rows(
    `UPDATE deployments SET status = 'data_ready', updated_at = $3 WHERE workspace_id = $1 AND number = $2`,
    [workspaceId, number, at],
  )
  await tx.rows('UPDATE workspaces SET live_deployment = $2 WHERE id = $1', [workspaceId, number])
  await announceChange(tx, { kind: 'live', workspaceId })
}

function schemasOf(workspaceId: string, map: DeploymentMap): SchemaVersion[] {
  return Object.values(map.dataSources).map((source) => ({
    dataSourceId: source.id,
    version: source.schemaVersion,
    workspaceId,
    generation: source.generation,
    columns: source.file.columns,
  }))
}

async function lockDeployment(
  tx: Queryable,
  workspaceId: string,
  number: number,
): Promise<Deployment> {
  const [row] = isUuid(workspaceId)
    ? await tx.rows<DeploymentRow>(
        `${SELECT_DEPLOYMENTS} WHERE d.workspace_id = $1 AND d.number = $2 FOR UPDATE OF d`,
        [workspaceId, number],
      )
    : []
  if (row === undefined)
    throw fault('resource.missing', { public: `Deployment ${number} not found.` })
  return toDeployment(row)
}

async function findDeployment(
  database: Database,
  workspaceId: string,
  number: number,
): Promise<Deployment | null> {
  if (!isUuid(workspaceId)) return null
  const [row] = await database.rows<DeploymentRow>(
    `${SELECT_DEPLOYMENTS} WHERE d.workspace_id = $1 AND d.number = $2`,
    [workspaceId, number],
  )
  return row === undefined ? null : toDeployment(row)
}

async function listDeployments(
  database: Database,
  workspaceId: string,
  options: { includeDeleted?: boolean } = {},
): Promise<Deployment[]> {
  if (!isUuid(workspaceId)) return []
  const rows = await database.rows<DeploymentRow>(
    `${SELECT_DEPLOYMENTS} WHERE d.workspace_id = $1 AND ($2 OR d.status <> 'deleted') ORDER BY d.number DESC LIMIT 100`,
    [workspaceId, options.includeDeleted === true],
  )
  return rows.map(toDeployment)
}

/** JSON text of a document that may be undefined. */
function toJson(document: unknown): string {
  return JSON.stringify(document ?? null)
}

function toDeployment(row: DeploymentRow): Deployment {
  assert(row.number > 0, 'deployments count from 1')
  return {
    workspaceId: row.workspace_id,
    number: row.number,
    status: row.status,
    live: row.live,
    kind: row.kind,
    map: row.map,
    feedback: row.feedback,
    plan: row.plan,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
