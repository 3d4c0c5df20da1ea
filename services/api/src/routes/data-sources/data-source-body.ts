import { wireTime, type ColumnBody } from '@sandpiper/contracts'
import {
  kafkaSettings,
  keyParts,
  printColumn,
  splitNullable,
  type Column,
  type DataSourceFile,
} from '@sandpiper/datafile'
import { effectiveEngine, type DeployedDataSource } from '@sandpiper/deployment'

/** Counts of one data source as the engine keeps them. */
export interface Statistics {
  readonly rows: number
  readonly bytes: number
  readonly quarantined: number
}

/** A data source as listed and in detail: the union of what clients read. Source: Tinybird data sources API reference and SDK, read 2026-11. */
export function dataSourceBody(
  { id, file, createdAt, updatedAt }: DeployedDataSource,
  statistics: Statistics,
): Record<string, unknown> {
  const columns = file.columns.map(columnBody)
  const engine = engineBody(file)
  return {
    id,
    name: file.name,
    description: file.description ?? '',
    cluster: null,
    tags: file.tags === null ? {} : { tags: file.tags },
    created_at: wireTime(createdAt),
    updated_at: wireTime(updatedAt),
    replicated: false,
    version: 0,
    project: null,
    headers: {},
    shared_with: file.sharedWith,
    shared_from: null,
    type: sourceType(file),
    service: kafkaSettings(file) === null ? null : 'kafka',
    connector:
      file.settings['KAFKA_CONNECTION_NAME'] ?? file.settings['IMPORT_CONNECTION_NAME'] ?? null,
    ...kafkaBody(file),
    engine,
    sorting_key: engine['sorting_key'],
    partition_key: engine['partition_key'],
    primary_key: engine['primary_key'],
    ttl: file.engine?.ttl ?? '',
    ...(file.forwardQuery === null ? {} : { forward_query: file.forwardQuery }),
    schema: { columns, sql_schema: file.columns.map(printColumn).join(', ') },
    columns,
    statistics: { row_count: statistics.rows, bytes: statistics.bytes },
    quarantine_rows: statistics.quarantined,
    new_columns_detected: {},
    used_by: [],
  }
}

/** What clients ask for by `attrs`; nothing for a data source that is not filled from a topic. */
function kafkaBody(file: DataSourceFile): Record<string, unknown> {
  const kafka = kafkaSettings(file)
  if (kafka === null) return {}
  return {
    ...{ kafka_topic: kafka.topic, kafka_group_id: kafka.groupId },
    kafka_auto_offset_reset: kafka.offsetReset,
    kafka_store_raw_value: kafka.storeRawValue,
    kafka_target_partitions: 'auto',
  }
}

function columnBody(column: Column): ColumnBody {
  const { type, nullable } = splitNullable(column.type)
  return {
    name: column.name,
    type,
    nullable,
    normalized_name: column.name,
    codec: column.codec === null ? null : `CODEC(${column.codec})`,
    default_value: column.default === null ? null : `DEFAULT ${column.default}`,
    jsonpath: column.jsonPath,
  }
}

function engineBody(file: DataSourceFile): { engine: string } & Record<string, unknown> {
  const engine = effectiveEngine(file)
  const sorting = engine.sortingKey
  const primary = keyParts(engine.primaryKey).length === 0 ? sorting : engine.primaryKey
  const named = Object.entries({
    engine_ver: engine.ver,
    engine_sign: engine.sign,
    engine_version: engine.version,
    engine_summing_columns: engine.summingColumns,
  }).filter(([, value]) => value !== null)
  return {
    engine: engine.type,
    engine_sorting_key: sorting,
    engine_partition_key: engine.partitionKey ?? '',
    engine_primary_key: primary,
    sorting_key: sorting,
    partition_key: engine.partitionKey ?? '',
    primary_key: primary,
    ...Object.fromEntries(named),
  }
}

function sourceType(file: DataSourceFile): string {
  if (file.settings['KAFKA_TOPIC'] !== undefined) return 'kafka'
  if (file.settings['IMPORT_BUCKET_URI'] !== undefined) return 's3'
  return file.columns.some((each) => each.jsonPath !== null) ? 'ndjson' : 'csv'
}
