import { keyParts, type DataSourceFile, type Engine } from '@sandpiper/datafile'

/** The engine a table gets: what the file says, or MergeTree when it says nothing. Keys in one spelling. */
export interface EffectiveEngine extends Omit<Engine, 'sortingKey' | 'primaryKey'> {
  readonly sortingKey: string
  readonly primaryKey: string
}

const NOTHING: Engine = {
  type: 'MergeTree',
  sortingKey: null,
  partitionKey: null,
  primaryKey: null,
  samplingKey: null,
  ttl: null,
  ver: null,
  isDeleted: null,
  sign: null,
  version: null,
  summingColumns: null,
  settings: {},
  other: {},
}

/** Without a sorting key a table is not sorted (`tuple()`): no column is a better guess than another. */
export function effectiveEngine(file: DataSourceFile): EffectiveEngine {
  const engine = file.engine ?? NOTHING
  return {
    ...engine,
    sortingKey: spelled(engine.sortingKey),
    primaryKey: spelled(engine.primaryKey),
  }
}

/** Whether the table is of the MergeTree family: the others keep no parts, no keys and no TTL. */
export function isMergeTree(engine: Pick<Engine, 'type'>): boolean {
  return engine.type.endsWith('MergeTree')
}

function spelled(key: string | null): string {
  return keyParts(key).join(', ')
}
