// POST /v0/datasources: a file becomes a data source, is appended to one, or replaces its rows. The file is kept first, then a job imports
// it; who sent the file waits for the job, who gave a URL, or `async=true`, is told its id.
import { randomUUID } from 'node:crypto'

import type { Job } from '@sandpiper/catalog'
import type { FileOf, ImportInput } from '@sandpiper/contracts'
import type { DeployedDataSource } from '@sandpiper/deployment'
import { fault, FAULTS, type FaultCode } from '@sandpiper/faults'
import type { Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiEnv } from '../../app.ts'
import { deployerOf } from '../../deployments/recover-deployments.ts'
import { isOn } from '../../read-params.ts'
import { jobBody } from '../jobs/job-body.ts'
import { createDataSource } from './create-data-source.ts'
import { importTarget, refuseStrangers, type ImportMode } from './import-rights.ts'
import { readImportRequest, type ImportRequest } from './read-import-request.ts'

/** Milliseconds an answer waits for its import; the job goes on afterwards. */
const WAIT_MS_MAX = 3_600_000

/** Does what the request asks for. @throws fault `request.invalid` | `auth.denied` | `resource.missing` | `request.conflict` | `request.too_large` | `limit.rate` | those of the import. */
export async function importFile(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  principal: Principal,
): Promise<Record<string, unknown>> {
  refuseStrangers(principal)
  const query = new URL(c.req.url).searchParams
  const { workspaceId } = principal
  const early = modeOf(query)
  // Refuses before the body is read, as far as the query tells; a form may say the rest.
  if (early !== 'create' && query.get('name') !== null)
    importTarget((await deps.catalog.liveMap(workspaceId)).map, principal, nameOf(query), early)
  const of: FileOf = { workspaceId, jobId: randomUUID() }
  let isHandedOver = false
  try {
    const request = await readImportRequest(c, (stream) => deps.imports.receive(of, stream))
    const { params } = request
    const mode = modeOf(params)
    const url = params.get('url')
    if (mode === 'create') {
      const made = await createDataSource({ c, deps, principal }, of, request)
      if (!request.hasFile && url === null) return made.body
      const job = await enqueue(c, deps, of, { ...request, hasFile: true }, made.source, mode)
      isHandedOver = true
      const answer =
        url === null && !isOn(params.get('async'))
          ? await finished(c, deps, job, made.source, params)
          : asked(c, job)
      return { ...made.body, ...answer, datasource: made.body['datasource'] }
    }
    if (!request.hasFile && url === null) throw noFile()
    const { map } = await deps.catalog.liveMap(workspaceId)
    const source = importTarget(map, principal, nameOf(params), mode)
    const condition = conditionOf(params, mode)
    if (condition !== null)
      await deployerOf(deps).replacements.check(workspaceId, source, condition)
    const job = await enqueue(c, deps, of, request, source, mode)
    isHandedOver = true
    return (url !== null && !request.hasFile) || isOn(params.get('async'))
      ? asked(c, job)
      : await finished(c, deps, job, source, params)
  } finally {
    if (!isHandedOver) await deps.imports.remove(of)
  }
}

async function enqueue(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  { workspaceId, jobId }: FileOf,
  { params, hasFile, format, dialect }: ImportRequest,
  source: DeployedDataSource,
  mode: ImportMode,
): Promise<Job> {
  const importId = c.get('requestId')
  const input: ImportInput = {
    ...{ importId, dataSourceId: source.id, dataSourceName: source.file.name },
    ...{ mode, format, dialect, requestId: c.get('requestId') },
    source: hasFile ? { kind: 'file', file: jobId } : { kind: 'url', url: params.get('url') ?? '' },
    replaceCondition: conditionOf(params, mode),
    truncateWhenEmpty: isOn(params.get('replace_truncate_when_empty')),
    skipIncompatiblePartitionKey: isOn(params.get('skip_incompatible_partition_key')),
  }
  const datasource = { id: source.id, name: source.file.name }
  const details = { import_id: importId, datasource, mode }
  return deps.jobs.enqueue({ id: jobId, workspaceId, kind: 'import', input, details })
}

/** The answer to who does not wait. */
function asked(c: Context<ApiEnv>, job: Job): Record<string, unknown> {
  const body = jobBody(c, job)
  return { ...body, job: body }
}

async function finished(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  { workspaceId, id }: Job,
  source: DeployedDataSource,
  params: URLSearchParams,
): Promise<Record<string, unknown>> {
  const signal = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(WAIT_MS_MAX)])
  const job = await deps.jobs.finished(workspaceId, id, signal)
  const { details, error } = job
  if (job.status !== 'done') throw failure(job, error)
  const quarantined = Number(details['quarantine_rows'] ?? 0)
  const first = typeof details['first_error'] === 'string' ? details['first_error'] : ''
  return {
    import_id: details['import_id'],
    job_id: id,
    datasource: { id: source.id, name: source.file.name },
    successful_rows: details['successful_rows'] ?? 0,
    quarantined_rows: quarantined,
    quarantine_rows: quarantined,
    invalid_lines: details['invalid_lines'] ?? 0,
    error: quarantined > 0 ? `There are ${quarantined} rows in quarantine: ${first}` : false,
    ...(details['skipped_materializations'] === undefined
      ? {}
      : { skipped_materializations: details['skipped_materializations'] }),
    ...(await debugMembers(deps, job, params.get('debug') ?? '')),
  }
}

async function debugMembers(
  deps: ApiDeps,
  { workspaceId, id }: Job,
  debug: string,
): Promise<Record<string, unknown>> {
  const wanted = new Set(debug.split(',').map((each) => each.trim()))
  if (!wanted.has('blocks') && !wanted.has('block_log')) return { blocks: [], block_log: [] }
  const notes = await deps.catalog.jobNotes(workspaceId, id)
  const blocks = notes?.blocks ?? []
  const log = blocks.map((each) => ({
    block_id: (each as { block_id?: unknown }).block_id,
    status: 'done',
  }))
  return {
    blocks: wanted.has('blocks') ? blocks : [],
    block_log: wanted.has('block_log') ? log : [],
  }
}

function failure({ id, status, details }: Job, error: string | null): Error {
  const code = details['error_code']
  const isKnown = typeof code === 'string' && Object.hasOwn(FAULTS, code)
  const known = isKnown ? (code as FaultCode) : 'server.bug'
  const message = error ?? `The import was ${status}.`
  const body = { error: message, import_id: details['import_id'], job_id: id }
  return fault(status === 'cancelled' ? 'request.conflict' : known, { public: message, body })
}

function modeOf(params: URLSearchParams): ImportMode {
  const mode = params.get('mode') ?? 'create'
  if (mode === 'create' || mode === 'append' || mode === 'replace') return mode
  throw fault('request.invalid', {
    public: `mode=${mode.slice(0, 50)} is not known: use create, append or replace.`,
  })
}

function nameOf(params: URLSearchParams): string {
  const name = params.get('name') ?? ''
  if (name === '') throw fault('request.invalid', { public: "The parameter 'name' is missing." })
  return name
}

function conditionOf(params: URLSearchParams, mode: ImportMode): string | null {
  const condition = params.get('replace_condition')?.trim() ?? ''
  if (condition === '') return null
  if (mode === 'replace') return condition
  throw fault('request.invalid', { public: 'replace_condition goes with mode=replace only.' })
}

function noFile() {
  return fault('request.invalid', {
    public: "The file is missing: send it as the body, as a part 'csv' or 'ndjson', or give a url.",
  })
}
