// What grows while one query is compiled. Private to this package; frozen into a CompiledQuery at the end.
import { findDataSource, databaseName } from '@sandpiper/deployment'
import { quoteIdentifier } from '@sandpiper/sql'
import type { Rendered } from '@sandpiper/template'

import type { Barrier, CompiledQuery, ReadTable, SourceText } from './compiled-query.ts'
import type { CompileScope } from './compile-scope.ts'
import { sqlOf, type Fragment } from './fragment.ts'
import { UndescribedResults } from './undescribed-results.ts'

export interface Compilation {
  readonly scope: CompileScope
  readonly tables: Map<string, ReadTable>
  readonly settings: Map<string, string | number>
  readonly params: Map<string, string>
  /** Compiled text per `pipe.node`: a node read twice is rendered once. */
  readonly nodes: Map<string, Fragment>
  cacheTtlSeconds: number | null
  /** Of all templates that were rendered for it. */
  steps: number
  /** As in CompiledQuery. */
  readonly sources: SourceText[]
  /** Filters of the token that stand around tables. */
  readonly barriers: Barrier[]
  /** By id of the pipe: its result behind a barrier. */
  readonly results: Map<string, Fragment>
  /** Those whose columns are not known: a compilation with one is not finished. */
  readonly undescribed: CompiledQuery[]
}

/** @param steps that templates around it took already. */
export function startCompilation(scope: CompileScope, steps = 0): Compilation {
  return {
    scope,
    tables: new Map(),
    settings: new Map(),
    params: new Map(),
    nodes: new Map(),
    cacheTtlSeconds: null,
    steps,
    sources: [],
    barriers: [],
    results: new Map(),
    undescribed: [],
  }
}

/** Takes over what a part that was compiled by itself, begun with the steps so far, reads and asks of the query around it. */
export function adoptCompilation(compilation: Compilation, part: Compilation): void {
  for (const [table, about] of part.tables) compilation.tables.set(table, about)
  for (const [name, value] of part.settings) compilation.settings.set(name, value)
  for (const [name, value] of part.params) compilation.params.set(name, value)
  compilation.sources.push(...part.sources)
  compilation.barriers.push(...part.barriers)
  compilation.steps = part.steps
  compilation.cacheTtlSeconds = shortest(compilation.cacheTtlSeconds, part.cacheTtlSeconds)
}

/** Notes a table as read and gives its quoted engine name. @param owner default: the workspace of the caller. */
export function readTable(
  compilation: Compilation,
  table: string,
  userName: string,
  owner: { readonly workspaceId: string } = compilation.scope,
): string {
  const database = databaseName(owner.workspaceId)
  compilation.tables.set(table, { database, table, userName })
  return `${quoteIdentifier(database)}.${quoteIdentifier(table)}`
}

/** Keeps what a template asked of the query around it. The shortest cache time wins. */
export function noteRendered(compilation: Compilation, rendered: Rendered): void {
  for (const [name, value] of Object.entries(rendered.settings)) {
    compilation.settings.set(name, value)
  }
  for (const [name, value] of Object.entries(rendered.boundParams)) {
    compilation.params.set(name, value)
  }
  compilation.cacheTtlSeconds = shortest(compilation.cacheTtlSeconds, rendered.cacheTtlSeconds)
  compilation.steps += rendered.steps
}

function shortest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other)
}

/** @throws UndescribedResults when columns of results are missing: what stands in their place is no barrier. */
export function finishCompilation(compilation: Compilation, fragment: Fragment): CompiledQuery {
  if (compilation.undescribed.length > 0) throw new UndescribedResults(compilation.undescribed)
  const tables = [...compilation.tables.values()]
  return Object.freeze({
    sql: sqlOf(fragment),
    skeleton: { texts: fragment.texts, values: fragment.values },
    params: Object.fromEntries(compilation.params),
    settings: { ...Object.fromEntries(compilation.settings), ...settingsOf(compilation) },
    tables,
    barriers: compilation.barriers,
    sources: compilation.sources,
    cacheTtlSeconds: compilation.cacheTtlSeconds,
    userNames: new Map(tables.map(({ table, userName }) => [table, userName])),
  })
}

/**
 * A filter before FINAL would show what a row was before it changed hands. Joins that copy no rows hand on columns with the rows that were
 * left out behind them, and functions see how many. Last, so that no template has a say.
 */
function settingsOf({ barriers, results }: Compilation): CompiledQuery['settings'] {
  return {
    ...(barriers.length > 0 ? { apply_prewhere_after_final: 1 } : {}),
    ...(barriers.length > 0 || results.size > 0 ? { enable_lazy_columns_replication: 0 } : {}),
  }
}

/** The columns a data source's quarantine or table name belongs to: `x` for `x_quarantine`; undefined when there is none. */
export function quarantinedDataSource(scope: CompileScope, name: string) {
  const suffix = '_quarantine'
  if (!name.endsWith(suffix)) return undefined
  return findDataSource(scope.map, name.slice(0, -suffix.length))
}
