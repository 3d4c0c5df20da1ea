import {
  kafkaMetaColumns,
  ownColumns,
  printColumn,
  splitNullable,
  type Column,
  type DataSourceFile,
  type Index,
} from '@sandpiper/datafile'

import { effectiveEngine, isMergeTree, type EffectiveEngine } from './effective-engine.ts'
import { isChangeableSetting } from './engine-settings.ts'

/** What stands between two versions of a data source, seen from its table. */
export interface DataSourceDifference {
  /** Columns, their order, paths, defaults or codecs differ: frames need a new schema version. */
  readonly columns: boolean
  /** Why the table cannot be altered in place, each naming what changed; none when it can. */
  readonly obstacles: readonly string[]
}

/** Compares what two files make of their table. Descriptions, tokens and connectors do not count. */
export function compareDataSources(
  live: DataSourceFile,
  next: DataSourceFile,
): DataSourceDifference {
  return {
    columns: printed(live) !== printed(next),
    obstacles: [...columnObstacles(live, next), ...engineObstacles(live, next)],
  }
}

function printed(file: DataSourceFile): string {
  return file.columns.map(printColumn).join('\n')
}

/** Whether two indexes are the same but for their name. */
export function sameIndex(one: Index, other: Index): boolean {
  return (
    one.expression === other.expression &&
    one.type === other.type &&
    one.granularity === other.granularity
  )
}

function columnObstacles(live: DataSourceFile, next: DataSourceFile): string[] {
  const obstacles: string[] = []
  const after = new Map(next.columns.map((each) => [each.name, each]))
  const before = new Map(live.columns.map((each) => [each.name, each]))
  // Those that the server fills are empty in rows that did not come from a topic.
  const given = ownColumns(next)
  for (const column of live.columns) {
    const now = after.get(column.name)
    if (now === undefined) obstacles.push(removal(live, next, column))
    else if (now.type !== column.type) {
      obstacles.push(`column ${column.name} changes its type from ${column.type} to ${now.type}`)
    }
  }
  for (const column of given) {
    if (before.has(column.name) || column.default !== null || splitNullable(column.type).nullable)
      continue
    obstacles.push(`column ${column.name} is new and neither Nullable nor has a DEFAULT`)
  }
  return obstacles
}

function removal(live: DataSourceFile, next: DataSourceFile, { name }: Column): string {
  const isMeta = kafkaMetaColumns(live).some((each) => each.name === name)
  const advice = kafkaMetaColumns(next).length === 0 ? ' (write it in SCHEMA to keep it)' : ''
  return isMeta
    ? `column ${name}, which the server filled from Kafka, is removed${advice}`
    : `column ${name} is removed`
}

const FIELDS: readonly (readonly [keyof EffectiveEngine, string])[] = [
  ['type', 'ENGINE'],
  ['sortingKey', 'ENGINE_SORTING_KEY'],
  ['partitionKey', 'ENGINE_PARTITION_KEY'],
  ['primaryKey', 'ENGINE_PRIMARY_KEY'],
  ['samplingKey', 'ENGINE_SAMPLING_KEY'],
  ['ver', 'ENGINE_VER'],
  ['isDeleted', 'ENGINE_IS_DELETED'],
  ['sign', 'ENGINE_SIGN'],
  ['version', 'ENGINE_VERSION'],
  ['summingColumns', 'ENGINE_SUMMING_COLUMNS'],
  ['other', 'ENGINE'],
]

function engineObstacles(live: DataSourceFile, next: DataSourceFile): string[] {
  const before = effectiveEngine(live)
  const after = effectiveEngine(next)
  const obstacles = FIELDS.filter(
    ([field]) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  ).map(
    ([field, directive]) =>
      `${directive} changes from '${shown(before[field])}' to '${shown(after[field])}'`,
  )
  if (obstacles.length > 0) return obstacles
  if (!isMergeTree(after)) return after.type === 'Null' ? [] : joinObstacles(live, next)
  const names = new Set([...Object.keys(before.settings), ...Object.keys(after.settings)])
  for (const name of names) {
    if (before.settings[name] !== after.settings[name] && !isChangeableSetting(name)) {
      obstacles.push(`ENGINE_SETTINGS ${name} changes`)
    }
  }
  return obstacles
}

/** A Join table lives in memory in one shape: ALTER does not change its columns. */
function joinObstacles(live: DataSourceFile, next: DataSourceFile): string[] {
  const shape = (file: DataSourceFile): string =>
    JSON.stringify(file.columns.map((each) => [each.name, each.type, each.default]))
  return shape(live) === shape(next) ? [] : ['the columns of an engine Join change']
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
}
