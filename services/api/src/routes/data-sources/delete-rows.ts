// Deletes the rows that a condition is true for: at once only counted (dry run), else by a job.
import { randomUUID } from 'node:crypto'
import type { Job } from '@sandpiper/catalog'
import type { Gate } from '@sandpiper/clickhouse'
import type { DeleteInput } from '@sandpiper/contracts'
import { databaseName, qualified, tableName, type DeployedDataSource } from '@sandpiper/deployment'
import { Fault, fault } from '@sandpiper/faults'
import { lacksScope, mayDrop, mayReadEveryRow } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { rowCondition } from '../../deployments/row-condition.ts'
import { isOn, readParams } from '../../read-params.ts'
import { jobBody } from '../jobs/job-body.ts'
import { dataSourceFor } from './find-for-caller.ts'

/** Milliseconds for counting: it may read the whole data source. */
const COUNT_TIMEOUT_MS = 120_000
/** Milliseconds that a caller who wants to wait is kept waiting. */
const WAIT_MS = 120_000
/** Characters of the condition as it is shown with the job. */
const SHOWN_MAX = 1_000

/**
 * `POST /v0/datasources/{name}/delete`: `delete_condition`, `dry_run`. Needs the right to drop rows; a dry run also to read
 * all of them: its counts answer any question about what is in them.
 * @param how `light` marks rows as deleted instead of rewriting their parts, and waits for the end unless `async=true`.
 * @throws fault `request.invalid` without a condition, or for one that the gate or the engine refuse.
 */
export async function deleteRows(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  gate: Gate,
  how: 'heavy' | 'light',
): Promise<Record<string, unknown>> {
  const principal = await authorizeRequest(c, deps)
  const { workspaceId } = principal
  const { values } = await readParams(c)
  const { map } = await deps.catalog.liveMap(workspaceId)
  const source = dataSourceFor(map, principal, c.req.param('name') ?? '', (each) =>
    mayDrop(principal, each.id),
  )
  const isDryRun = isOn(values.get('dry_run'))
  if (isDryRun && !mayReadEveryRow(principal, source.id)) throw lacksScope('DATASOURCES:READ')
  const shown = values.get('delete_condition')?.trim() ?? ''
  if (shown === '')
    throw fault('request.invalid', { public: "The parameter 'delete_condition' is missing." })
  const judging = { clickhouse: deps.clickhouse, gate }
  const condition = await rowCondition(judging, workspaceId, source, shown)
  if (isDryRun) return { rows_to_be_deleted: await countRows(deps, workspaceId, source, condition) }
  const input: DeleteInput = {
    ...{ shown: shown.slice(0, SHOWN_MAX), condition, isLight: how === 'light' },
    dataSourceId: source.id,
    dataSourceName: source.file.name,
  }
  const job = await enqueue(deps, workspaceId, input)
  return answer(c, how === 'light' && !isOn(values.get('async')) ? await ended(c, deps, job) : job)
}

async function countRows(
  { clickhouse }: ApiDeps,
  workspaceId: string,
  { id, generation }: DeployedDataSource,
  condition: string,
): Promise<number> {
  const table = qualified(databaseName(workspaceId), tableName(id, generation))
  const sql = `SELECT count() AS rows FROM ${table} WHERE ${condition}`
  const [row] = await clickhouse.rows<{ rows: string }>({ sql, timeoutMs: COUNT_TIMEOUT_MS })
  return Number(row?.rows ?? 0)
}

function enqueue(deps: ApiDeps, workspaceId: string, input: DeleteInput): Promise<Job> {
  const id = randomUUID()
  return deps.jobs.enqueue({
    ...{ id, workspaceId, input, kind: 'delete_data' },
    details: {
      delete_id: id,
      delete_condition: input.shown,
      datasource: { id: input.dataSourceId, name: input.dataSourceName },
    },
  })
}

/** The job when it has ended; as it is then when that takes too long or the caller goes away. */
async function ended(c: Context<ApiEnv>, deps: ApiDeps, job: Job): Promise<Job> {
  const signal = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(WAIT_MS)])
  try {
    return await deps.jobs.finished(job.workspaceId, job.id, signal)
  } catch (err) {
    if (!(err instanceof Fault && err.code === 'server.busy')) throw err
    return (await deps.catalog.findJob(job.workspaceId, job.id)) ?? job
  }
}

/** All three ids are one. Source: Tinybird data sources API reference and SDK, read 2026-11. */
function answer(c: Context<ApiEnv>, job: Job): Record<string, unknown> {
  const body = jobBody(c, job)
  return { ...body, delete_id: job.id, job: body }
}
