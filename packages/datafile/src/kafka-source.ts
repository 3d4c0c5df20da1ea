// What a `.datasource` file says of the topic it is filled from, and the columns that such a data source has beside its own.
// Source of names, types and defaults: Tinybird Kafka connector reference, read 2026-11.
import type { Column, DataSourceFile } from './model.ts'

/** How the bytes of a key or a value are written. `json_with_schema`, `avro` and `protobuf` have the registry's id before them. */
export type KafkaFormat = 'json_without_schema' | 'json_with_schema' | 'avro' | 'protobuf'

/** The formats there are, the default first. */
export const KAFKA_FORMATS: readonly KafkaFormat[] = [
  'json_without_schema',
  'json_with_schema',
  'avro',
  'protobuf',
]

/** What a data source takes from Kafka. Topic and group may hold `{{ tb_secret("x") }}`. */
export interface KafkaSettings {
  readonly connectionName: string
  readonly topic: string
  readonly groupId: string
  /** Where a partition begins that has no position yet; default `latest`. */
  readonly offsetReset: 'earliest' | 'latest'
  /** Whether `__value` holds the value as it came; default false. */
  readonly storeRawValue: boolean
  /** Whether there is a column `__headers`; default false. */
  readonly storeHeaders: boolean
  readonly keyFormat: KafkaFormat
  readonly valueFormat: KafkaFormat
}

/** The Kafka directives of a data source, with their defaults; null when it is not filled from a topic. */
export function kafkaSettings({
  settings,
}: Pick<DataSourceFile, 'settings'>): KafkaSettings | null {
  const connectionName = settings['KAFKA_CONNECTION_NAME']
  const topic = settings['KAFKA_TOPIC']
  const groupId = settings['KAFKA_GROUP_ID']
  if (connectionName === undefined || topic === undefined || groupId === undefined) return null
  return {
    ...{ connectionName, topic, groupId },
    offsetReset:
      settings['KAFKA_AUTO_OFFSET_RESET']?.toLowerCase() === 'earliest' ? 'earliest' : 'latest',
    storeRawValue: isOn(settings['KAFKA_STORE_RAW_VALUE']),
    storeHeaders: isOn(settings['KAFKA_STORE_HEADERS']),
    keyFormat: formatOf(settings['KAFKA_KEY_FORMAT']),
    valueFormat: formatOf(settings['KAFKA_VALUE_FORMAT']),
  }
}

/** Columns that the server adds, filled from the record itself: they have no JSONPath. `__headers` only with KAFKA_STORE_HEADERS. */
export const KAFKA_META_COLUMNS: readonly Column[] = [
  ['__value', 'String'],
  ['__topic', 'LowCardinality(String)'],
  ['__partition', 'Int16'],
  ['__offset', 'Int64'],
  ['__timestamp', 'DateTime'],
  ['__key', 'String'],
  ['__headers', 'Map(String, String)'],
].map(([name = '', type = '']) => ({ name, type, jsonPath: null, default: null, codec: null }))

/** The columns that the server adds to this data source, in order; none when it is not filled from a topic. */
export function kafkaMetaColumns(file: Pick<DataSourceFile, 'settings'>): readonly Column[] {
  const kafka = kafkaSettings(file)
  if (kafka === null) return []
  return KAFKA_META_COLUMNS.filter(({ name }) => name !== '__headers' || kafka.storeHeaders)
}

/** The columns that a person gave it: all but those the server adds. */
export function ownColumns(file: Pick<DataSourceFile, 'settings' | 'columns'>): readonly Column[] {
  const added = new Set(kafkaMetaColumns(file).map(({ name }) => name))
  return file.columns.filter(({ name }) => !added.has(name))
}

/** The columns of a file with those that the server adds and the file does not name before them. */
export function withMetaColumns(
  columns: readonly Column[],
  file: Pick<DataSourceFile, 'settings'>,
): readonly Column[] {
  const given = new Set(columns.map(({ name }) => name))
  return [...kafkaMetaColumns(file).filter(({ name }) => !given.has(name)), ...columns]
}

/** The opposite: the columns to write into a file, from which `withMetaColumns` makes these again. */
export function withoutMetaColumns(
  file: Pick<DataSourceFile, 'settings' | 'columns'>,
): readonly Column[] {
  const added = kafkaMetaColumns(file).map(({ name }) => name)
  let last = -1
  const first = file.columns.findIndex((column) => {
    const place = added.indexOf(column.name)
    if (place <= last || column.codec !== null || column.default !== null) return true
    last = place
    return false
  })
  // A SCHEMA has a column at least: with the last of the server's own the others come back too.
  return file.columns.slice(first < 0 ? -1 : first)
}

function isOn(text: string | undefined): boolean {
  return text === '1' || text?.toLowerCase() === 'true'
}

function formatOf(text: string | undefined): KafkaFormat {
  return KAFKA_FORMATS.find((each) => each === text?.toLowerCase()) ?? 'json_without_schema'
}
