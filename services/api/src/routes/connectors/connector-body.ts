import type { KafkaState } from '@sandpiper/catalog'
import { wireTime } from '@sandpiper/contracts'
import { kafkaSettings } from '@sandpiper/datafile'
import type { DeployedConnection, DeployedDataSource, DeploymentMap } from '@sandpiper/deployment'

import type { TopicReaders } from '../../connections/connection-tools.ts'
import { maskConnection } from '../../deployments/mask-connection.ts'

/** What else is known of the data sources of a connection. */
export interface ConnectorContext {
  readonly map: DeploymentMap
  readonly isBranch: boolean
  readonly states: ReadonlyMap<string, KafkaState>
  readonly readers: TopicReaders | undefined
}

/** A connection as clients read it. Secrets stay out: settings are names and values that are no secret. */
export function connectorBody(
  ctx: ConnectorContext,
  { id, file, createdAt, updatedAt }: DeployedConnection,
): Record<string, unknown> {
  const settings = Object.entries(maskConnection(file).file.settings).filter(
    ([name]) => !/KEY|SECRET|CREDENTIALS|HMAC|PEM/.test(name),
  )
  const linked = Object.values(ctx.map.dataSources).filter(({ file: source }) =>
    [source.settings['KAFKA_CONNECTION_NAME'], source.settings['IMPORT_CONNECTION_NAME']].includes(
      file.name,
    ),
  )
  return {
    ...{ id, name: file.name, service: file.type, settings: Object.fromEntries(settings) },
    linkers: linked.map((each) => linkerBody(ctx, each)),
    created_at: wireTime(createdAt),
    updated_at: wireTime(updatedAt),
  }
}

/** A data source of a connection, and how its topic is read. */
export function linkerBody(
  ctx: ConnectorContext,
  source: DeployedDataSource,
): Record<string, unknown> {
  const named = { datasource_id: source.id, datasource_name: source.file.name }
  const kafka = kafkaSettings(source.file)
  if (kafka === null) return named
  return {
    ...named,
    ...{ kafka_topic: kafka.topic, kafka_group_id: kafka.groupId },
    kafka_auto_offset_reset: kafka.offsetReset,
    state: stateOf(ctx, source.id),
    ...readerBody(ctx, source.id),
  }
}

/** What was set, or what holds without: a branch reads nothing by itself. */
export function stateOf(
  { states, isBranch }: Pick<ConnectorContext, 'states' | 'isBranch'>,
  dataSourceId: string,
): KafkaState {
  return states.get(dataSourceId) ?? (isBranch ? 'paused' : 'running')
}

function readerBody({ readers }: ConnectorContext, id: string): Record<string, unknown> {
  const reader = readers?.stateOf(id) ?? null
  if (reader === null) return {}
  const lags = reader.partitions.flatMap(({ lag }) => lag ?? [])
  return {
    reader: reader.state,
    error: reader.error,
    lag: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0),
    ...{ records: reader.records, quarantined: reader.refused },
    partitions: reader.partitions.map(({ partition, position, lag }) => ({
      ...{ partition, position, lag },
    })),
  }
}
