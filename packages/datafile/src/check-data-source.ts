// Rules that look at more than one directive of a data source. Each names the line it complains about.
import { parseType, splitNullable } from './column-type.ts'
import { keyParts } from './engine-key.ts'
import { KAFKA_FORMATS, kafkaMetaColumns } from './kafka-source.ts'
import type { Column, DataSourceFile, Engine, Place } from './model.ts'
import type { Problems } from './problems.ts'
import type { Directive } from './read-directives.ts'

/** Reports keys on columns that cannot be keys, engines without what they need, and half-given connectors. */
export function checkDataSource(
  file: DataSourceFile,
  once: ReadonlyMap<string, Directive>,
  problems: Problems,
): void {
  const at = (name: string): Place =>
    once.get(name)?.valuePlace ?? once.get('ENGINE') ?? { line: 1, column: 1 }
  if (file.engine !== null) checkEngine(file.engine, file.columns, at, problems)
  const kafka = ['KAFKA_CONNECTION_NAME', 'KAFKA_TOPIC', 'KAFKA_GROUP_ID']
  checkTogether(once, kafka, 'KAFKA_', problems)
  checkMetaColumns(file, at, problems)
  const isDynamo = once.has('IMPORT_TABLE_ARN') || once.has('IMPORT_EXPORT_BUCKET')
  const needed = isDynamo
    ? ['IMPORT_CONNECTION_NAME', 'IMPORT_TABLE_ARN', 'IMPORT_EXPORT_BUCKET']
    : ['IMPORT_CONNECTION_NAME', 'IMPORT_BUCKET_URI']
  if (!once.has('IMPORT_SERVICE')) checkTogether(once, needed, 'IMPORT_', problems)
  checkValues(once, problems)
}

function checkEngine(
  engine: Engine,
  columns: readonly Column[],
  at: (name: string) => Place,
  problems: Problems,
): void {
  const byName = new Map(columns.map((each) => [each.name, each]))
  for (const part of keyParts(engine.sortingKey)) {
    const column = byName.get(part.replace(/^`(.*)`$/, '$1'))
    if (column === undefined) continue
    const problem = sortingProblem(engine, column)
    if (problem !== null)
      problems.error(at('ENGINE_SORTING_KEY'), problem, 'Use other columns in ENGINE_SORTING_KEY.')
  }
  const needs = NEEDS.get(engine.type)
  if (needs !== undefined) {
    for (const [field, directive] of needs) {
      if (engine[field] === null)
        problems.error(
          at('ENGINE'),
          `${engine.type} needs ${directive}`,
          `Add a line ${directive} column.`,
        )
    }
  }
  for (const [field, directive] of COLUMN_FIELDS) {
    const name = engine[field]
    if (typeof name === 'string' && !byName.has(name)) {
      problems.error(
        at(directive),
        `${directive} names a column that does not exist: ${name}`,
        'Name a column of SCHEMA.',
      )
    }
  }
}

type NameField = 'sign' | 'version' | 'ver' | 'isDeleted'

const NEEDS: ReadonlyMap<string, readonly (readonly [NameField, string])[]> = new Map([
  ['CollapsingMergeTree', [['sign', 'ENGINE_SIGN']] as const],
  [
    'VersionedCollapsingMergeTree',
    [
      ['sign', 'ENGINE_SIGN'],
      ['version', 'ENGINE_VERSION'],
    ] as const,
  ],
])

const COLUMN_FIELDS: readonly (readonly [NameField, string])[] = [
  ['sign', 'ENGINE_SIGN'],
  ['version', 'ENGINE_VERSION'],
  ['ver', 'ENGINE_VER'],
  ['isDeleted', 'ENGINE_IS_DELETED'],
]

function sortingProblem(engine: Engine, column: Column): string | null {
  if (splitNullable(column.type).nullable) return `Sorting key column ${column.name} is Nullable`
  const tree = parseType(column.type)
  const isState = !('message' in tree) && tree.kind === 'type' && tree.name === 'AggregateFunction'
  if (isState) return `Sorting key column ${column.name} is an AggregateFunction`
  if (engine.type === 'ReplacingMergeTree' && engine.ver === column.name) {
    return `Sorting key column ${column.name} is the ENGINE_VER column`
  }
  return null
}

function checkTogether(
  once: ReadonlyMap<string, Directive>,
  needed: readonly string[],
  prefix: string,
  problems: Problems,
): void {
  const first = [...once.values()].find((each) => each.name.startsWith(prefix))
  if (first === undefined) return
  const missing = needed.filter((each) => !once.has(each))
  if (missing.length > 0) {
    problems.error(
      first,
      `${needed.join(', ')} are required together`,
      `Add ${missing.join(' and ')}.`,
    )
  }
}

/** A column of the server's may be named in SCHEMA, as it is. */
function checkMetaColumns(
  file: DataSourceFile,
  at: (name: string) => Place,
  problems: Problems,
): void {
  for (const added of kafkaMetaColumns(file)) {
    const given = file.columns.find(({ name }) => name === added.name)
    if (given === undefined || (given.type === added.type && given.jsonPath === null)) continue
    problems.error(
      at('SCHEMA'),
      `Column ${added.name} is filled by the server, as ${added.type}`,
      `Remove it from SCHEMA, or write: ${added.name} ${added.type}`,
    )
  }
}

const BOOLEAN = ['true', 'false', '1', '0']

const VALUES = new Map<string, readonly string[]>([
  ['KAFKA_AUTO_OFFSET_RESET', ['earliest', 'latest']],
  ['KAFKA_STORE_RAW_VALUE', BOOLEAN],
  ['KAFKA_STORE_HEADERS', BOOLEAN],
  ['KAFKA_KEY_FORMAT', KAFKA_FORMATS],
  ['KAFKA_VALUE_FORMAT', KAFKA_FORMATS],
])

function checkValues(once: ReadonlyMap<string, Directive>, problems: Problems): void {
  for (const [name, allowed] of VALUES) {
    const directive = once.get(name)
    if (directive === undefined || allowed.includes(directive.value.toLowerCase())) continue
    problems.error(
      directive.valuePlace,
      `${name} '${directive.value}' is not valid`,
      `Use one of ${allowed.join(', ')}.`,
    )
  }
}
