import type { Column, DataSourceFile } from './model.ts'

/** A data source of these columns, as a file says it that says nothing else: MergeTree, no tokens, no indexes. */
export function plainDataSource(name: string, columns: readonly Column[]): DataSourceFile {
  return {
    kind: 'datasource',
    name,
    description: null,
    columns,
    engine: null,
    indexes: [],
    tokens: [],
    tags: null,
    forwardQuery: null,
    backfill: null,
    sharedWith: [],
    settings: {},
  }
}
