// /v1/quarantine: what was refused and why, what a changed schema or a mapping would recover, and the replay that does it.
// Sandpiper's own. To see it a token must read the whole data source; to replay it must also append to it.
import { randomUUID } from 'node:crypto'

import {
  healRequestSchema,
  quarantineSelectionSchema,
  type HealPreviewBody,
  type HealRequest,
  type JobBody,
  type QuarantineDetailBody,
  type QuarantineListBody,
  type QuarantineSummary,
} from '@sandpiper/contracts'
import type { DeployedDataSource } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import {
  previewHealing,
  readCauses,
  readSummaries,
  type QuarantineCounts,
} from '@sandpiper/quarantine'
import { mappingProblem } from '@sandpiper/rows'
import { lacksScope, mayReadEveryRow, mayReplay, type Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { readBytes } from '../../read-bytes.ts'
import { dataSourceFor } from '../data-sources/find-for-caller.ts'
import { jobBody } from '../jobs/job-body.ts'

const CAUSES_MAX = 100
const CAUSES_DEFAULT = 20
const SAMPLES_MAX = 10
const SAMPLES_DEFAULT = 3
const PREVIEW_TIMEOUT_MS = 30_000
/** Bytes of a body: what a job takes as input is bounded too. */
const BODY_BYTES_MAX = 131_072

/** Adds the routes. */
export function quarantineRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get('/v1/quarantine', async (c) => c.json(await list(c, deps)))
  app.get('/v1/quarantine/:name', async (c) => c.json(await show(c, deps)))
  app.post('/v1/quarantine/:name/preview', async (c) => c.json(await preview(c, deps)))
  app.post('/v1/quarantine/:name/replay', async (c) => c.json(await replay(c, deps), 202))
}

async function list(c: Context<ApiEnv>, deps: ApiDeps): Promise<QuarantineListBody> {
  const principal = await authorizeRequest(c, deps)
  const { map } = await deps.catalog.liveMap(principal.workspaceId)
  const seen = Object.values(map.dataSources).filter((each) => seesQuarantine(principal, each))
  if (seen.length === 0) return { quarantine: [] }
  const countsOf = await readSummaries(deps.clickhouse, principal.workspaceId)
  const all = seen.map((source) => summary(deps, source, countsOf(source)))
  return {
    quarantine: all
      .filter(({ rows, breaker }) => rows > 0 || breaker.state === 'open')
      .sort((one, other) => other.rows - one.rows),
  }
}

async function show(c: Context<ApiEnv>, deps: ApiDeps): Promise<QuarantineDetailBody> {
  const { principal, source } = await found(c, deps, seesQuarantine)
  const query = (name: string): string | undefined => c.req.query(name)
  const cause = query('cause')
  const selection = parsed(quarantineSelectionSchema, {
    ...(cause === undefined ? {} : { causes: cause.split(',') }),
    ...(query('from') === undefined ? {} : { from: query('from') }),
    ...(query('to') === undefined ? {} : { to: query('to') }),
  })
  const read = await readCauses(deps.clickhouse, principal.workspaceId, source, {
    selection,
    limit: wholeNumber(query('limit'), 'limit', CAUSES_DEFAULT, 1, CAUSES_MAX),
    samples: wholeNumber(query('samples'), 'samples', SAMPLES_DEFAULT, 0, SAMPLES_MAX),
  })
  return { ...summary(deps, source, read.counts), causes: read.causes, has_more: read.hasMore }
}

async function preview(c: Context<ApiEnv>, deps: ApiDeps): Promise<HealPreviewBody> {
  const { principal, source } = await found(c, deps, seesQuarantine)
  const request = await readRequest(c, source)
  const signal = AbortSignal.any([AbortSignal.timeout(PREVIEW_TIMEOUT_MS), c.req.raw.signal])
  const { workspaceId } = principal
  const tried = await previewHealing(deps.clickhouse, workspaceId, source, request, signal)
  return { datasource: named(source), ...tried }
}

async function replay(c: Context<ApiEnv>, deps: ApiDeps): Promise<{ job: JobBody }> {
  const { principal, source } = await found(c, deps, seesQuarantine)
  if (!mayReplay(principal, source.id)) throw lacksScope('DATASOURCES:APPEND')
  const request = await readRequest(c, source)
  const job = await deps.jobs.enqueue({
    kind: 'quarantine_replay',
    workspaceId: principal.workspaceId,
    id: randomUUID(),
    input: { data_source_id: source.id, request },
    details: { datasource: named(source) },
  })
  return { job: jobBody(c, job) }
}

async function found(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  may: (principal: Principal, source: DeployedDataSource) => boolean,
): Promise<{ readonly principal: Principal; readonly source: DeployedDataSource }> {
  const principal = await authorizeRequest(c, deps)
  const { map } = await deps.catalog.liveMap(principal.workspaceId)
  const name = (c.req.param('name') ?? '').replace(/_quarantine$/, '')
  return { principal, source: dataSourceFor(map, principal, name, (each) => may(principal, each)) }
}

/** Quarantined rows hold texts that never passed the schema: a row filter cannot be trusted on them, so it allows none. */
function seesQuarantine(principal: Principal, { id }: DeployedDataSource): boolean {
  return mayReadEveryRow(principal, id)
}

function summary(
  deps: ApiDeps,
  source: DeployedDataSource,
  { rows, firstSeen, lastSeen }: QuarantineCounts,
): QuarantineSummary {
  return {
    datasource: named(source),
    rows,
    first_seen: firstSeen,
    last_seen: lastSeen,
    breaker: deps.breakers.stateOf(source.id),
  }
}

function named({ id, file }: DeployedDataSource): { id: string; name: string } {
  return { id, name: file.name }
}

async function readRequest(c: Context<ApiEnv>, source: DeployedDataSource): Promise<HealRequest> {
  const text = (await readBytes(c.req.raw, BODY_BYTES_MAX)).toString('utf8').trim()
  let json: unknown
  try {
    json = text === '' ? {} : JSON.parse(text)
  } catch (cause) {
    throw fault('request.invalid', { public: 'The body is not valid JSON.', cause })
  }
  const request = parsed(healRequestSchema, json)
  const problem = mappingProblem(source.file.columns, request.mapping ?? {})
  if (problem !== null) throw fault('request.invalid', { public: problem })
  return request
}

/** What is used of a zod schema. */
interface Schema<Value> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: Value }
    | {
        readonly success: false
        readonly error: {
          readonly issues: readonly {
            readonly path: readonly PropertyKey[]
            readonly message: string
          }[]
        }
      }
}

function parsed<Value>(schema: Schema<Value>, value: unknown): Value {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues.slice(0, 5)
  const text = issues.map(
    ({ path, message }) => `${path.map(String).join('.') || 'body'}: ${message}`,
  )
  throw fault('request.invalid', { public: `The request is not valid. ${text.join('. ')}.` })
}

function wholeNumber(
  text: string | undefined,
  name: string,
  byDefault: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return byDefault
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw fault('request.invalid', {
    public: `${name} must be a whole number from ${min} to ${max}.`,
  })
}
