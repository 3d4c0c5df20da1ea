// `tinybird.x`: one table for all workspaces, so the name is never a table: it is always a SELECT of the reader's own rows.
import {
  databaseName,
  findServiceDataSource,
  MISSING_SERVICE_DATA_SOURCES,
  SERVICE_DATABASE,
  SYSTEM_WORKSPACE_ID,
  tableName,
  type ServiceDataSource,
} from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { quoteIdentifier, type TableReference } from '@sandpiper/sql'

import { readTable, type Compilation } from './compilation.ts'
import { plainSql, type Source } from './fragment.ts'
import { ownDictionaries } from './own-dictionaries.ts'

/** Whether a reference is written as a service data source: `tinybird.x` or `organization.x`, whatever x is. */
export function isService({ database, kind }: TableReference): boolean {
  return kind !== 'parameter' && (database === SERVICE_DATABASE || database === 'organization')
}

/**
 * The caller's own rows of a service data source.
 * @throws fault `query.refused` in a materialized view | `query.failed` for one that is not here, saying so.
 */
export function serviceRows(compilation: Compilation, { database, name }: TableReference): Source {
  const written = `${database ?? ''}.${name}`
  const source = database === SERVICE_DATABASE ? findServiceDataSource(name) : undefined
  if (source === undefined) {
    throw fault('query.failed', { public: `[Error] ${whyMissing(database, name, written)}` })
  }
  if (compilation.scope.forView === true) {
    throw fault('query.refused', {
      public: `[Error] A materialized view cannot read the service data source '${written}': use an endpoint.`,
    })
  }
  return { form: 'subquery', sql: plainSql(select(compilation, source, written)) }
}

function whyMissing(database: string | null, name: string, written: string): string {
  if (database !== SERVICE_DATABASE)
    return `Resource '${written}' not found: this server has no organizations, so there are no organization.* data sources.`
  if (MISSING_SERVICE_DATA_SOURCES.has(name))
    return `Resource '${written}' not found: this service data source is not supported yet.`
  return `Resource '${written}' not found`
}

function select(compilation: Compilation, source: ServiceDataSource, userName: string): string {
  const table = readTable(compilation, tableName(source.id, source.generation), userName, {
    workspaceId: SYSTEM_WORKSPACE_ID,
  })
  const columns = source.columns.map(([column]) => quoteIdentifier(column)).join(', ')
  const own = ownDictionaries(source.columns.map(([name, type]) => ({ name, type })))
  const final = source.newest === null && source.summed === undefined ? '' : ' FINAL'
  const { workspaceId } = compilation.scope
  // Asserts that it is a UUID, so that it may stand in a text.
  databaseName(workspaceId)
  // PREWHERE, not WHERE: conditions of the caller are pushed down to the table, and beside a WHERE they may be evaluated first, on rows of
  // other workspaces, whose values then stand in the message of whatever fails.
  const rows = `SELECT ${columns} FROM ${table}${final} PREWHERE workspace_id = '${workspaceId}'`
  return own === '' ? rows : `SELECT *${own} FROM (${rows})`
}
