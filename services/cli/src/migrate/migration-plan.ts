// What of a workspace is copied as rows, and what its materialized views make anew. Nothing may arrive both ways.
import {
  keyParts,
  parseDatafile,
  type Datafile,
  type DataSourceFile,
  type PipeFile,
} from '@sandpiper/datafile'
import { CliError } from '../cli-error.ts'
import type { ProjectFile } from '../project.ts'

export interface MigrationPlan {
  /** Data sources whose rows are read and sent. */
  readonly copied: readonly DataSourceFile[]
  /** Data sources that views fill from the rows that are sent. */
  readonly rebuilt: readonly DataSourceFile[]
  readonly left: readonly { readonly name: string; readonly why: string }[]
  /** Copy pipes that would run by themselves. */
  readonly scheduled: readonly string[]
}

/** @param only names of data sources; all of them when empty. @throws CliError for a file that cannot be parsed, or a name that is none. */
export function planMigration(
  files: readonly ProjectFile[],
  only: readonly string[],
): MigrationPlan {
  const parsed = files.map(parsedFile)
  const sources = parsed.filter((file) => file.kind === 'datasource')
  const pipes = parsed.filter((file) => file.kind === 'pipe')
  const unknown = only.find((name) => !sources.some((each) => each.name === name))
  if (unknown !== undefined) throw new CliError(`there is no data source ${unknown} to copy.`)
  const nulls = sources.filter(isNull).map(({ name }) => name)
  const copied: DataSourceFile[] = []
  const rebuilt: DataSourceFile[] = []
  const left: { name: string; why: string }[] = []
  for (const source of sources) {
    if (only.length > 0 && !only.includes(source.name)) continue
    const feeding = pipes.filter((pipe) => fills(pipe, source.name))
    const isRebuilt = feeding.some((pipe) => !readsOnly(pipe, nulls, sources))
    if (isRebuilt) rebuilt.push(source)
    else if (isNull(source)) left.push({ name: source.name, why: 'its engine keeps no rows' })
    else if (source.columns.some(({ type }) => /\bAggregateFunction\(/.test(type)))
      left.push({ name: source.name, why: 'states of aggregates cannot be read and sent as rows' })
    else copied.push(source)
  }
  const scheduled = pipes.filter(isScheduled).map(({ name }) => name)
  return { copied, rebuilt, left, scheduled }
}

/** Whether equal keys become one row in time: then rows are counted as they will be. */
export function isMerging({ engine }: DataSourceFile): boolean {
  return (
    engine !== null &&
    /^(Replacing|Summing|Collapsing|VersionedCollapsing|Aggregating)/.test(engine.type)
  )
}

/** The sorting key as one expression; null when there is none. */
export function sortingKey({ engine }: DataSourceFile): string | null {
  const parts = keyParts(engine?.sortingKey ?? null)
  return parts.length === 0 ? null : `(${parts.join(', ')})`
}

function parsedFile({ path, text }: ProjectFile): Datafile {
  const { file, errors } = parseDatafile(text, { filename: path })
  const [error] = errors
  if (file !== null && error === undefined) return file
  throw new CliError(
    `${path}, line ${error?.line ?? 1}: ${error?.message ?? 'not a datafile'}. Pull the files (sandpiper pull), mend it, deploy them, and migrate with --no-deploy.`,
  )
}

function isNull({ engine }: DataSourceFile): boolean {
  return engine?.type === 'Null'
}

function fills({ nodes }: PipeFile, name: string): boolean {
  return nodes.some(
    ({ type, settings }) => type === 'materialized' && settings['DATASOURCE'] === name,
  )
}

/** Whether all that a pipe reads of the data sources keeps no rows: then nothing of it can be made anew. */
function readsOnly(
  { nodes }: PipeFile,
  nulls: readonly string[],
  sources: readonly DataSourceFile[],
): boolean {
  const sql = nodes.map((node) => node.sql).join('\n')
  const read = sources.filter(({ name }) => new RegExp(String.raw`\b${name}\b`).test(sql))
  return read.length > 0 && read.every(({ name }) => nulls.includes(name))
}

function isScheduled({ nodes }: PipeFile): boolean {
  return nodes.some(
    ({ type, settings }) =>
      type === 'copy' && !/^(@on-demand)?$/.test(settings['COPY_SCHEDULE'] ?? ''),
  )
}
