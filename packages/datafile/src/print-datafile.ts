// From the model back to text that parses to the same model. One spelling for each: the text of two equal models is equal,
// so deployments compare files by what they print.
import { assert } from '@sandpiper/assert'

import { withoutMetaColumns } from './kafka-source.ts'
import type {
  Column,
  ConnectionFile,
  Datafile,
  DataSourceFile,
  Engine,
  Index,
  PipeFile,
  PipeNode,
  TokenLine,
} from './model.ts'
import { printTokenName } from './parse-token-line.ts'
import { quoted } from './quoting.ts'

/** Prints a datafile, ended by a newline. `parseDatafile(printDatafile(file))` gives `file` back. */
export function printDatafile(file: Datafile): string {
  return `${paragraphs(file).join('\n\n')}\n`
}

function paragraphs(file: Datafile): string[] {
  switch (file.kind) {
    case 'datasource':
      return dataSource(file)
    case 'pipe':
      return pipe(file)
    case 'connection':
      return connection(file)
  }
}

function dataSource(file: DataSourceFile): string[] {
  return present([
    ...described(file.description),
    schema(withoutMetaColumns(file)),
    file.engine === null ? '' : engine(file.engine),
    file.indexes.length === 0 ? '' : block('INDEXES', file.indexes.map(index).join('\n')),
    file.backfill === null ? '' : `BACKFILL ${file.backfill}`,
    settings(file.settings),
    file.forwardQuery === null ? '' : block('FORWARD_QUERY', file.forwardQuery),
    file.tags === null ? '' : line('TAGS', file.tags),
    tokens(file.tokens),
    file.sharedWith.length === 0 ? '' : block('SHARED_WITH', file.sharedWith.join(',\n')),
  ])
}

function schema(columns: readonly Column[]): string {
  return columns.length === 0 ? '' : block('SCHEMA', columns.map(printColumn).join(',\n'))
}

function pipe(file: PipeFile): string[] {
  return present([
    ...described(file.description),
    file.tags === null ? '' : line('TAGS', file.tags),
    tokens(file.tokens),
    settings(file.settings),
    ...file.nodes.map(node),
  ])
}

function connection(file: ConnectionFile): string[] {
  return present([present([`TYPE ${file.type}`, settings(file.settings)]).join('\n')])
}

function described(description: string | null): string[] {
  return description === null
    ? []
    : [description === '' ? line('DESCRIPTION', '') : block('DESCRIPTION', description)]
}

/** One column as the SCHEMA block shows it. */
export function printColumn(column: Column): string {
  return present([
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(column.name) ? column.name : `\`${column.name}\``,
    column.type,
    column.jsonPath === null ? '' : `\`json:${column.jsonPath}\``,
    column.default === null ? '' : `DEFAULT ${column.default}`,
    column.codec === null ? '' : `CODEC(${column.codec})`,
  ]).join(' ')
}

function engine(value: Engine): string {
  const list = Object.entries(value.settings)
    .map(([key, text]) => `${key}=${text}`)
    .join(', ')
  const fields: readonly (readonly [string, string | null])[] = [
    ['ENGINE', value.type],
    ['ENGINE_PARTITION_KEY', value.partitionKey],
    ['ENGINE_SORTING_KEY', value.sortingKey],
    ['ENGINE_PRIMARY_KEY', value.primaryKey],
    ['ENGINE_SAMPLING_KEY', value.samplingKey],
    ['ENGINE_TTL', value.ttl],
    ['ENGINE_VER', value.ver],
    ['ENGINE_IS_DELETED', value.isDeleted],
    ['ENGINE_SIGN', value.sign],
    ['ENGINE_VERSION', value.version],
    ['ENGINE_SUMMING_COLUMNS', value.summingColumns],
    ...Object.entries(value.other),
    ['ENGINE_SETTINGS', list === '' ? null : list],
  ]
  return fields
    .flatMap(([name, text]) => (text === null ? [] : [line(name, text, 'always')]))
    .join('\n')
}

function index(value: Index): string {
  const name =
    /^[A-Za-z0-9_.]+$/.test(value.name) && value.name.toUpperCase() !== 'INDEX'
      ? value.name
      : `\`${value.name}\``
  const granularity = value.granularity === null ? '' : ` GRANULARITY ${value.granularity}`
  return `${name} ${value.expression} TYPE ${value.type}${granularity}`
}

function tokens(list: readonly TokenLine[]): string {
  return list.map((each) => `TOKEN ${printTokenName(each.name)} ${each.scope}`).join('\n')
}

function node(value: PipeNode): string {
  return present([
    `NODE ${value.name}`,
    ...described(value.description),
    block('SQL', value.sql),
    value.type === 'standard' ? '' : `TYPE ${value.type}`,
    settings(value.settings),
  ]).join('\n')
}

function settings(record: Readonly<Record<string, string>>): string {
  return Object.entries(record)
    .map(([name, value]) => line(name, value))
    .join('\n')
}

/** A directive on one line, or as a block when the value has several. */
function line(
  name: string,
  value: string,
  quotes: 'always' | 'where needed' = 'where needed',
): string {
  if (value.includes('\n')) return block(name, value)
  const plain = quotes === 'always' && !/["\\']/.test(value) ? `"${value}"` : quoted(value)
  assert(plain !== null, `no spelling for a value of ${name}`)
  return `${name} ${plain}`
}

function block(name: string, text: string): string {
  const lines = text.split('\n').map((each) => (each === '' ? '' : `    ${each}`))
  return [`${name} >`, ...lines].join('\n')
}

function present(parts: readonly string[]): string[] {
  return parts.filter((each) => each !== '')
}
