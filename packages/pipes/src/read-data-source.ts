// The tables of a data source, as they stand behind FROM.
import {
  hiddenColumns,
  quarantineTableName,
  tableName,
  type DeployedDataSource,
} from '@sandpiper/deployment'

import { readTable, type Compilation } from './compilation.ts'
import { plainSql, type Source } from './fragment.ts'

/** Its table, with the columns of the map and no others. @param name as the caller wrote it. */
export function readDataSource(
  compilation: Compilation,
  dataSource: DeployedDataSource,
  name: string,
): Source {
  const { id, generation } = dataSource
  return source(compilation, dataSource, tableName(id, generation), name)
}

/** Its quarantine, likewise. */
export function readQuarantine(
  compilation: Compilation,
  dataSource: DeployedDataSource,
  name: string,
): Source {
  const { id, generation } = dataSource
  return source(compilation, dataSource, quarantineTableName(id, generation), name)
}

function source(
  compilation: Compilation,
  { file }: DeployedDataSource,
  table: string,
  name: string,
): Source {
  const { map, forView } = compilation.scope
  const sql = plainSql(readTable(compilation, table, name))
  // A view is made of the text as it is; what it gives beyond its target's columns goes nowhere.
  const hides = forView === true ? [] : hiddenColumns(map, file.name)
  return hides.length === 0 ? { form: 'table', sql } : { form: 'table', sql, hides }
}
