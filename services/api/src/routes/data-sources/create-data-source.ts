// mode=create: a data source from a schema, or from what a file looks like. It is one more resource of the live project, made by a
// deployment like all others.
import type { FileOf } from '@sandpiper/contracts'
import { parseDatafile, type DataSourceFile } from '@sandpiper/datafile'
import { findDataSource, type DeployedDataSource } from '@sandpiper/deployment'
import { printColumn } from '@sandpiper/datafile'
import { fault, type Fault } from '@sandpiper/faults'
import type { Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiEnv } from '../../app.ts'
import { deployerOf } from '../../deployments/recover-deployments.ts'
import { dataSourceBody } from './data-source-body.ts'
import { refuseCreation } from './import-rights.ts'
import type { ImportRequest } from './read-import-request.ts'

/** Who asks what of whom. */
export interface Creation {
  readonly c: Context<ApiEnv>
  readonly deps: ApiDeps
  readonly principal: Principal
}

/** What was made. */
export interface Created {
  readonly source: DeployedDataSource
  readonly body: Record<string, unknown>
}

const NAME = /^[A-Za-z_]\w{0,127}$/

/** Makes it. @throws fault `auth.denied` | `request.conflict` (409) when the name is taken | `request.invalid` with what is wrong. */
export async function createDataSource(
  { c, deps, principal }: Creation,
  of: FileOf,
  request: ImportRequest,
): Promise<Created> {
  refuseCreation(principal)
  const { workspaceId } = principal
  const { params } = request
  const name = nameOf(params, c.get('requestId'))
  if (findDataSource((await deps.catalog.liveMap(workspaceId)).map, name) !== undefined)
    throw taken(name)
  const beganMs = deps.now()
  const file = datafileOf(name, params, await schemaOf(c, deps, of, request))
  const outcome = await deployerOf(deps).add(workspaceId, file)
  const source = findDataSource((await deps.catalog.liveMap(workspaceId)).map, name)
  if (outcome.result !== 'success' || source === undefined) throw refused(name, outcome)
  deps.ops.dataSourceOp({
    ...{ workspaceId, eventType: 'create', dataSourceId: source.id, dataSourceName: name },
    ...{ error: null, elapsedSeconds: (deps.now() - beganMs) / 1000, rows: 0, rowsQuarantine: 0 },
    requestId: c.get('requestId'),
  })
  const datasource = dataSourceBody(source, { rows: 0, bytes: 0, quarantined: 0 })
  return { source, body: { datasource, ...datasource } }
}

/** Columns as a SCHEMA block has them. A URL is fetched whole: its rows come from what was looked at. */
async function schemaOf(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  of: FileOf,
  { params, hasFile, format, dialect }: ImportRequest,
): Promise<string> {
  const url = params.get('url')
  const given = params.get('schema')
  if (!hasFile && url !== null) await deps.imports.fetch(of, url, c.req.raw.signal)
  if (given !== null && given.trim() !== '') return given
  if (!hasFile && url === null)
    throw fault('request.invalid', {
      public: "There is nothing to make a Data Source of: give a 'schema', a file or a url.",
    })
  const typeGuessing = params.get('type_guessing')?.toLowerCase() !== 'false'
  const { columns } = await deps.imports.analyze(of, { format, dialect, typeGuessing })
  return columns.map(printColumn).join(', ')
}

function nameOf(params: URLSearchParams, requestId: string): string {
  const name = params.get('name') ?? ''
  if (name === '') return `ds_${requestId.toLowerCase()}`
  if (NAME.test(name)) return name
  throw fault('request.invalid', {
    public: `'${name.slice(0, 200)}' is no name for a Data Source: use letters, digits and _, not beginning with a digit.`,
  })
}

function datafileOf(name: string, params: URLSearchParams, schema: string): DataSourceFile {
  const engine = [...params]
    .filter(([key, value]) => /^engine(_\w+)?$/.test(key) && value.trim() !== '')
    .map(([key, value]) => `${key.toUpperCase()} "${oneLine(key, value)}"`)
  const type = params.has('engine') || engine.length === 0 ? [] : ['ENGINE "MergeTree"']
  const text = [
    'SCHEMA >',
    ...schema.split('\n').map((line) => `    ${line}`),
    '',
    ...type,
    ...engine,
    '',
  ].join('\n')
  const filename = `${name}.datasource`
  const { file, errors } = parseDatafile(text, { filename })
  const [error] = errors
  if (error !== undefined)
    throw fault('request.invalid', {
      public: `The schema is not valid: ${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`,
    })
  if (file?.kind === 'datasource') return file
  throw fault('request.invalid', { public: 'The schema is not valid.' })
}

function oneLine(name: string, value: string): string {
  if (/["\n\r]/.test(value))
    throw fault('request.invalid', { public: `${name} may not hold quotes or line ends.` })
  return value.trim()
}

function taken(name: string): Fault {
  return fault('request.conflict', {
    public: `Data Source '${name}' already exists. Use mode=append or mode=replace to change its rows.`,
  })
}

function refused(
  name: string,
  outcome: {
    feedback: readonly { level: string; message: string }[]
    errors: readonly { error: string }[]
  },
): Fault {
  const messages = [
    ...outcome.errors.map((each) => each.error),
    ...outcome.feedback.filter((each) => each.level === 'ERROR').map((each) => each.message),
  ]
  if (messages.length === 0) return taken(name)
  return fault('request.invalid', {
    public: `Data Source '${name}' cannot be made: ${messages.slice(0, 3).join('; ')}`,
  })
}
