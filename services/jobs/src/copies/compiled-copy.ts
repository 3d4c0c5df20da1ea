// The SELECT of one run. It runs with the authority of whoever deployed the pipe: everything of the workspace, and nothing else. Like any
// caller's query it goes through the gate.
import {
  EMPTY_DATABASE,
  ensureEmptyDatabase,
  nameLimit,
  querySettings,
} from '@sandpiper/clickhouse'
import type { CopyInput } from '@sandpiper/contracts'
import {
  copyOf,
  findDataSource,
  findPipe,
  matchTarget,
  type DeployedDataSource,
  type DescribedColumn,
} from '@sandpiper/deployment'
import { Fault, fault } from '@sandpiper/faults'
import {
  compilePipe,
  EVERYTHING,
  hideSecretValues,
  translateError,
  type CompiledQuery,
} from '@sandpiper/pipes'

import type { CopyDeps } from './copy-deps.ts'
import { copyLimits, limitOfCopy, type CopyLimitsOfRun } from './copy-limits.ts'

/** A run that may go ahead. */
export interface CompiledCopy {
  readonly compiled: CompiledQuery
  /** Columns of the target that it gives. */
  readonly columns: readonly string[]
  /** What is selected for each of them, to be written as text. */
  readonly expressions: readonly string[]
  /** A time has a zone: as a text without one it would be another moment where it is read. */
  readonly hasZones: boolean
  readonly target: DeployedDataSource
  /** The target keeps states of aggregates: no text holds them. */
  readonly hasStates: boolean
  readonly limits: CopyLimitsOfRun
}

type Needs = Pick<CopyDeps, 'catalog' | 'clickhouse' | 'gate' | 'limits'>

/**
 * Compiles a run against what is live, judges it and looks whether its columns go with the target.
 * @throws fault `resource.missing` | `query.failed` | `query.refused` | `template.error` | `request.invalid`, in the user's own names.
 */
export async function compileCopy(
  deps: Needs,
  workspaceId: string,
  input: CopyInput,
  signal: AbortSignal,
): Promise<CompiledCopy> {
  const { map } = await deps.catalog.liveMap(workspaceId)
  const pipe = findPipe(map, input.pipeId)
  const copy = pipe === undefined ? null : copyOf(pipe.file)
  if (pipe === undefined || copy === null) throw gone(`The copy pipe '${input.pipeName}'`)
  const target = findDataSource(map, input.dataSourceId)
  if (target === undefined) throw gone(`Data Source '${input.dataSourceName}'`)
  const secrets = await deps.catalog.secretsOf(workspaceId)
  const compiled = compilePipe(
    { workspaceId, map, params: input.params, secrets, authority: EVERYTHING },
    { pipe: pipe.file.name, node: copy.node.name },
  )
  const limits = await copyLimits(deps, workspaceId)
  return inUserNames({ compiled, limits }, async () => {
    await ensureEmptyDatabase(deps.clickhouse)
    await deps.gate.check(compiled, signal)
    const given = await deps.clickhouse.rows<DescribedColumn>({
      sql: `DESCRIBE TABLE (${compiled.sql}\n)`,
      ...{ params: compiled.params, database: EMPTY_DATABASE, signal },
      // The engine evaluates scalar subqueries while it describes.
      settings: querySettings(limits.query, compiled.settings),
      timeoutMs: limits.query.timeoutSeconds * 1000,
    })
    const { columns, errors } = matchTarget(given, target.file.columns, target.file.name)
    const [error] = errors
    if (error !== undefined) throw fault('request.invalid', { public: `${error}.` })
    return {
      ...{ compiled, columns, target, limits, hasStates: hasStates(target) },
      expressions: columns.map((name) => expressionOf(name, given, target)),
      hasZones: [...given, ...target.file.columns].some(({ type }) => ZONED.test(type)),
    }
  })
}

const ZONED = /\bDateTime(64)?\([^)]*'/

/** The day of a time is that of its zone, which seconds do not tell. */
function expressionOf(
  name: string,
  given: readonly DescribedColumn[],
  { file }: DeployedDataSource,
): string {
  const typeIn = (columns: readonly DescribedColumn[]): string =>
    columns.find((each) => each.name === name)?.type ?? ''
  const isDay = /\bDateTime/.test(typeIn(given)) && /\bDate(32)?\b/.test(typeIn(file.columns))
  return isDay ? `toDate32(\`${name}\`) AS \`${name}\`` : `\`${name}\``
}

/** Whether a data source has columns that only the engine can write. */
function hasStates({ file }: DeployedDataSource): boolean {
  return file.columns.some(({ type }) =>
    /\bAggregateFunction\(/.test(type.replaceAll('SimpleAggregateFunction(', '')),
  )
}

/** The limits of a run and how its result is written: exact, whatever the template asked for. */
export function copySettings({
  compiled,
  hasZones,
  limits,
}: Pick<CompiledCopy, 'compiled' | 'hasZones' | 'limits'>): Record<string, string | number> {
  return {
    ...querySettings(limits.query, compiled.settings),
    // Without zones the plain text says as much, and is judged faster.
    date_time_output_format: hasZones ? 'unix_timestamp' : 'simple',
    output_format_json_quote_64bit_integers: 0,
    output_format_json_quote_decimals: 1,
    output_format_json_quote_denormals: 1,
    output_format_json_named_tuples_as_objects: 1,
  }
}

/** Runs work whose errors may name tables of the engine, and hold values of secrets: any token that was told of a job reads its error. */
export async function inUserNames<Result>(
  {
    compiled,
    limits,
  }: {
    readonly compiled: Pick<CompiledQuery, 'userNames' | 'params'>
    readonly limits: CopyLimitsOfRun
  },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (err) {
    if (!(err instanceof Fault)) throw err
    const text = translateError(err.details.public, compiled.userNames)
    const named = fault(err.code, { ...err.details, public: text, cause: err })
    const hit = limitOfCopy(err, limits)
    throw hideSecretValues(hit === null ? named : nameLimit(named, hit), compiled)
  }
}

function gone(what: string): Fault {
  return fault('resource.missing', { public: `${what} does not exist any more.` })
}
