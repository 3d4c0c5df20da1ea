// What readers of topics did, for the service data sources of their workspace: each note in `tinybird.kafka_ops_log`, what came in also in
// `tinybird.datasources_ops_log`, as every append.
import type { OpsLog } from '@sandpiper/telemetry'

import type { KafkaNote, KafkaObserver, KafkaSource } from './kafka-source.ts'
import type { LiveKafkaSource } from './live-sources.ts'

/** Both ends of it. */
export interface OpsObserver extends KafkaObserver {
  /** A data source cannot be read at all. */
  problem(live: LiveKafkaSource, message: string): void
}

/** @param ops takes rows without waiting. */
export function createOpsObserver(ops: Pick<OpsLog, 'kafka' | 'dataSourceOp'>): OpsObserver {
  return {
    noted(source, note) {
      ops.kafka({
        ...{ workspaceId: source.workspaceId, dataSourceId: source.dataSourceId },
        ...{ topic: source.topic, partition: note.partition, kind: note.kind, lag: note.lag },
        ...{ processedMessages: note.records, processedBytes: note.bytes },
        ...{ committedMessages: note.committedRecords, message: note.message },
      })
      if (note.committedRecords > 0) ops.dataSourceOp(appended(source, note))
    },
    problem({ workspaceId, dataSource }, message) {
      ops.kafka({
        ...{ workspaceId, dataSourceId: dataSource.id, topic: '', partition: -1, kind: 'error' },
        ...{ lag: null, processedMessages: 0, processedBytes: 0, committedMessages: 0, message },
      })
    },
  }
}

function appended(source: KafkaSource, note: KafkaNote): Parameters<OpsLog['dataSourceOp']>[0] {
  return {
    workspaceId: source.workspaceId,
    eventType: 'append-kafka',
    dataSourceId: source.dataSourceId,
    dataSourceName: source.dataSourceName,
    error: null,
    elapsedSeconds: 0,
    rows: Math.max(0, note.committedRecords - note.refused),
    rowsQuarantine: note.refused,
    writtenRows: Math.max(0, note.committedRecords - note.refused),
    writtenBytes: note.bytes,
    options: { topic: source.topic, partition: String(note.partition) },
  }
}
