import type { Column } from '@sandpiper/datafile'
import type { DeploymentMap } from '@sandpiper/deployment'
import type { ParamValues } from '@sandpiper/template'

import type { CompiledQuery } from './compiled-query.ts'

/** A resource a caller's own SQL names. A pipe's nodes are read under the pipe's authority and never asked about. */
export interface AskedResource {
  readonly kind: 'datasource' | 'pipe'
  readonly id: string
  readonly name: string
}

/** What the caller may do with it. `filter` is a SQL boolean over the data source's columns, applied before the caller's SQL. */
export interface ReadDecision {
  readonly allowed: boolean
  readonly filter: string | null
}

/** Who is asking. */
export interface Authority {
  mayRead(resource: AskedResource): ReadDecision
  /** True when the caller may learn which resources exist: an unknown name is then 400 and named, else the 403 of a forbidden one. */
  readonly seesNames: boolean
}

/** Everything one compilation reads: one map, one set of parameters, one caller. */
export interface CompileScope {
  /** UUID; decides the database. */
  readonly workspaceId: string
  readonly map: DeploymentMap
  readonly params: ParamValues
  /** Values that nodes of pipes may use by tb_secret(): each node those that it names. */
  readonly secrets: ReadonlyMap<string, string>
  /** True when the caller's own SQL may use them too. Default false. */
  readonly mayUseSecrets?: boolean
  readonly authority: Authority
  /**
   * Columns of a pipe's result as the engine describes them, for SQL of those who do not see everything to stand over; undefined when they
   * are not known yet: then compiling throws UndescribedResults. MUST be those of exactly this text with these parameters, on these
   * tables: names and types hang on values too, and a column whose dictionary is not known shows values of rows that were left out.
   * Default: none is known.
   */
  readonly columnsOf?: (
    result: CompiledQuery,
  ) => readonly Pick<Column, 'name' | 'type'>[] | undefined
  /** Renders with placeholders for missing parameters, to check a pipe nobody called yet. Default false. */
  readonly testMode?: boolean
  /** Compiles the SELECT of a materialized view, which cannot read service data sources. Default false. */
  readonly forView?: boolean
}

/** An authority that may read everything: the deployer's check of its own project, a pipe's own nodes. */
export const EVERYTHING: Authority = {
  mayRead: () => ({ allowed: true, filter: null }),
  seesNames: true,
}
