// The whole path in one text. Everything is counted where it happens, as plain numbers, and read here only when somebody asks; what
// has to be asked of others is asked at once and bounded in time. What does not answer is missing, and its `sandpiper_up` is 0.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { EventTap, ResultCacheCounters } from '@sandpiper/api'
import type { Catalog } from '@sandpiper/catalog'
import type { ClickHouse, FairSlotsCounters } from '@sandpiper/clickhouse'
import type { EventLog } from '@sandpiper/eventlog'
import type { IngestCounters } from '@sandpiper/ingest'
import type { BufferGauge, CopyCounters, ImportCounters } from '@sandpiper/jobs'
import type { OutboundCounters } from '@sandpiper/outbound'
import type { BreakerCounters } from '@sandpiper/quarantine'
import {
  createExposition,
  measureProcess,
  type Exposition,
  type Histogram,
  type MetricName,
  type OpsCounters,
  type ProcessUsage,
} from '@sandpiper/telemetry'

import type { RedisLink } from '@sandpiper/redis'
import type { DoorCounters } from '../door.ts'
import type { Supervised } from '../supervise.ts'
import type { WriterQuestions, WriterReport } from './ask-writer.ts'
import { readEngine, type EngineNumbers } from './engine-numbers.ts'
import type { HttpMetrics } from './http-metrics.ts'
import { kafkaMetrics, type KafkaMetricSources } from './kafka-metrics.ts'
import { readProcessGroups } from './process-groups.ts'
import type { SampledLog } from './sampled-log.ts'

/** What is read. */
export interface MetricSources extends KafkaMetricSources {
  readonly http: HttpMetrics
  readonly ingest: IngestCounters
  readonly log: EventLog
  /** Folder of the segment files. */
  readonly logDir: string
  readonly sampled: SampledLog
  readonly syncs: Histogram
  /** Damaged stretches found at the start, by reason. */
  readonly damage: ReadonlyMap<string, number>
  readonly writer: WriterQuestions
  readonly clickhouse: Pick<ClickHouse, 'rows'>
  readonly catalog: Pick<Catalog, 'connections'>
  readonly children: () => Readonly<Record<'engine' | 'writer' | 'postgres', Supervised | null>>
  readonly ops: readonly Readonly<OpsCounters>[]
  readonly querySlots: Readonly<FairSlotsCounters>
  readonly door: () => DoorCounters
  readonly redis: Pick<RedisLink, 'counters' | 'isThere'> | null
  readonly breakers: Readonly<BreakerCounters>
  readonly tap: EventTap['counters']
  readonly imports: Readonly<ImportCounters>
  readonly importBuffer: Readonly<BufferGauge>
  readonly copies: Readonly<CopyCounters>
  readonly outbound: Readonly<OutboundCounters>
  readonly resultCache: Readonly<ResultCacheCounters>
  /** Plain counters of jobs; `running` is a number of now. */
  readonly jobs: () => Readonly<Record<string, number>>
  /** Plain counters of Idempotency-Keys; `pending` is a number of now. */
  readonly keys: () => Readonly<Record<string, number>>
}

/** Makes the reader. Scrapes that come while one runs share its answer. */
export function createMetrics(sources: MetricSources): () => Promise<string> {
  let running: Promise<string> | null = null
  return () =>
    (running ??= scrape(sources).finally(() => {
      running = null
    }))
}

async function scrape(sources: MetricSources): Promise<string> {
  const [engine, writer, usage, segments] = await Promise.all([
    readEngine(sources.clickhouse),
    sources.writer.ask(),
    measureProcess(),
    filesIn(sources.logDir),
  ])
  const out = createExposition()
  processes(out, sources, { main: usage, writer, engine })
  http(out, sources)
  ingest(out, sources)
  kafkaMetrics(out, sources)
  log(out, sources, segments)
  if (writer !== null) writerNumbers(out, writer)
  if (engine !== null) engineNumbers(out, engine)
  rest(out, sources, writer)
  return out.text()
}

function processes(
  out: Exposition,
  sources: MetricSources,
  found: {
    readonly main: ProcessUsage
    readonly writer: WriterReport | null
    readonly engine: EngineNumbers | null
  },
): void {
  loop(out, 'main', found.main)
  out.set('sandpiper_up', 1, { process: 'main' })
  out.set('sandpiper_process_cpu_seconds_total', found.main.cpuSeconds, { process: 'main' })
  out.set('sandpiper_process_resident_memory_bytes', found.main.residentBytes, { process: 'main' })
  if (found.writer !== null) loop(out, 'writer', found.writer.usage)
  const children = sources.children()
  const pids = Object.values(children).flatMap((child) => child?.pid() ?? [])
  const groups = readProcessGroups(pids)
  for (const [name, child] of Object.entries(children)) {
    if (child === null) continue
    const labels = { process: name }
    const used = groups.get(child.pid() ?? -1)
    const answers = { engine: found.engine !== null, writer: found.writer !== null }
    const isUp = Object.hasOwn(answers, name)
      ? answers[name as keyof typeof answers]
      : child.pid() !== null
    out.set('sandpiper_up', isUp ? 1 : 0, labels)
    out.set('sandpiper_process_restarts_total', child.restarts(), labels)
    out.set('sandpiper_process_cpu_seconds_total', used?.cpuSeconds, labels)
    out.set('sandpiper_process_resident_memory_bytes', used?.residentBytes, labels)
  }
}

function loop(out: Exposition, process: string, usage: ProcessUsage): void {
  out.set('sandpiper_event_loop_active_seconds_total', usage.loopActiveSeconds, { process })
  out.set('sandpiper_event_loop_idle_seconds_total', usage.loopIdleSeconds, { process })
  out.set('sandpiper_event_loop_delay_seconds', usage.loopDelaySeconds, { process })
}

function http(out: Exposition, { http: metrics, door }: MetricSources): void {
  for (const { route, status, histogram } of metrics.durations()) {
    const labels = { route, status }
    out.histogram('sandpiper_http_request_duration_seconds', histogram.snapshot(), labels)
  }
  out.set('sandpiper_http_requests_in_flight', metrics.inFlight())
  const { connections, ...refused } = door()
  out.set('sandpiper_http_connections', connections)
  each(out, 'sandpiper_http_refused_total', 'reason', refused)
}

function ingest(out: Exposition, { ingest: counters, breakers, tap }: MetricSources): void {
  each(out, 'sandpiper_ingest_requests_total', 'status', counters.requests)
  each(out, 'sandpiper_ingest_refused_total', 'reason', counters.refused)
  out.set('sandpiper_ingest_received_bytes_total', counters.receivedBytes)
  out.set('sandpiper_ingest_rows_total', counters.rows)
  out.set('sandpiper_ingest_quarantined_rows_total', counters.quarantinedRows)
  out.set('sandpiper_ingest_in_flight_bytes', counters.inFlightBytes)
  out.set('sandpiper_ingest_in_flight_appends', counters.inFlightAppends)
  const { open, ...breakerEvents } = breakers
  out.set('sandpiper_ingest_breakers_open', open)
  each(out, 'sandpiper_ingest_breaker_events_total', 'event', breakerEvents)
  out.set('sandpiper_ingest_tails', tap.tails)
  out.set('sandpiper_ingest_tails_refused_total', tap.refused)
}

function log(out: Exposition, sources: MetricSources, segments: Files | null): void {
  const counters = sources.log.counters()
  const durable = sources.log.durable()
  // Before the writer told anything nobody knows.
  const loaded = counters.loadedUpTo === 0 ? null : counters.loadedUpTo
  out.set('sandpiper_log_frames_total', counters.frames)
  out.set('sandpiper_log_bytes_total', counters.bytes)
  out.set('sandpiper_log_syncs_total', counters.syncs)
  out.set('sandpiper_log_failed_syncs_total', counters.failedSyncs)
  out.set('sandpiper_log_segments', segments?.count)
  out.set('sandpiper_log_segment_bytes', segments?.bytes)
  out.set('sandpiper_log_queued_bytes', counters.queuedBytes)
  out.set('sandpiper_log_durable_sequence', durable)
  out.set('sandpiper_log_loaded_sequence', loaded)
  out.set('sandpiper_log_backlog_frames', loaded === null ? null : Math.max(0, durable - loaded))
  for (const [reason, count] of sources.damage) {
    out.set('sandpiper_log_damage_total', count, { reason })
  }
  out.histogram('sandpiper_log_append_duration_seconds', sources.sampled.appends())
  out.histogram('sandpiper_log_sync_duration_seconds', sources.syncs.snapshot())
  out.histogram('sandpiper_freshness_seconds', sources.sampled.freshness())
  out.set('sandpiper_freshness_probe_age_seconds', sources.sampled.probeAgeSeconds())
}

function writerNumbers(out: Exposition, { counters, waiting, loads }: WriterReport): void {
  const { batches, rows, refusedRows, bytes, ...events } = counters
  out.set('sandpiper_writer_batches_total', batches)
  out.set('sandpiper_writer_rows_total', rows)
  out.set('sandpiper_writer_quarantined_rows_total', refusedRows)
  out.set('sandpiper_writer_bytes_total', bytes)
  each(out, 'sandpiper_writer_events_total', 'event', events)
  out.set('sandpiper_writer_waiting_frames', waiting.frames)
  out.set('sandpiper_writer_waiting_sources', waiting.sources)
  out.set('sandpiper_writer_waiting_seconds', waiting.seconds)
  out.histogram('sandpiper_writer_load_duration_seconds', loads)
}

function engineNumbers(out: Exposition, engine: EngineNumbers): void {
  out.set('sandpiper_engine_running_queries', engine.queries)
  out.set('sandpiper_engine_memory_bytes', engine.memory)
  out.set('sandpiper_engine_parts', engine.parts)
  out.set('sandpiper_engine_partition_parts_max', engine.partitionPartsMax)
  out.set('sandpiper_engine_merges', engine.merges)
  out.set('sandpiper_engine_mutations', engine.mutations)
}

function rest(out: Exposition, sources: MetricSources, writer: WriterReport | null): void {
  each(out, 'sandpiper_catalog_connections', 'state', sources.catalog.connections())
  const { running, ...jobEvents } = sources.jobs()
  out.set('sandpiper_jobs_running', running)
  each(out, 'sandpiper_jobs_events_total', 'event', jobEvents)
  out.set('sandpiper_redis_up', sources.redis?.isThere() === true ? 1 : 0)
  each(out, 'sandpiper_redis_questions_total', 'fate', { ...(sources.redis?.counters ?? NO_REDIS) })
  imports(out, sources)
  copies(out, sources)
  each(out, 'sandpiper_outbound_requests_total', 'event', { ...sources.outbound })
  queries(out, sources)
  const { bytes, entries, ...cacheEvents } = sources.resultCache
  each(out, 'sandpiper_result_cache_events_total', 'event', cacheEvents)
  out.set('sandpiper_result_cache_bytes', bytes)
  out.set('sandpiper_result_cache_entries', entries)
  const { pending, ...keyEvents } = sources.keys()
  out.set('sandpiper_idempotency_pending', pending)
  each(out, 'sandpiper_idempotency_events_total', 'event', keyEvents)
  const sum = (name: keyof OpsCounters): number =>
    sources.ops.reduce((total, counters) => total + counters[name], 0)
  const droppedByWriter = writer?.counters['opsRowsDropped'] ?? 0
  each(out, 'sandpiper_ops_rows_total', 'fate', {
    ...{ taken: sum('taken'), written: sum('written') },
    dropped: sum('dropped') + droppedByWriter,
  })
  out.set('sandpiper_ops_failed_writes_total', sum('failedWrites'))
}

const NO_REDIS = { answered: 0, failed: 0, skipped: 0 }

function copies(out: Exposition, { copies: counters }: MetricSources): void {
  // Rows of copies take the way of imports: the same counts, of other rows.
  const { rows, refusedRows, bytes, imports: _, ...events } = counters
  each(out, 'sandpiper_copy_events_total', 'event', events)
  out.set('sandpiper_copy_rows_total', rows)
  out.set('sandpiper_copy_quarantined_rows_total', refusedRows)
  out.set('sandpiper_copy_bytes_total', bytes)
}

function queries(out: Exposition, { querySlots }: MetricSources): void {
  const { running, waiting, waited, refused } = querySlots
  out.set('sandpiper_queries_running', running)
  out.set('sandpiper_queries_waiting', waiting)
  each(out, 'sandpiper_queries_events_total', 'event', { waited, refused })
}

function imports(out: Exposition, { imports: counters, importBuffer }: MetricSources): void {
  const { rows, refusedRows, bytes, ...events } = counters
  each(out, 'sandpiper_import_events_total', 'event', events)
  out.set('sandpiper_import_rows_total', rows)
  out.set('sandpiper_import_quarantined_rows_total', refusedRows)
  out.set('sandpiper_import_bytes_total', bytes)
  out.set('sandpiper_import_buffer_bytes', importBuffer.bytes)
}

/** One sample per member, its name as the label, in snake case. */
function each(
  out: Exposition,
  name: MetricName,
  label: string,
  values: Readonly<Record<string, number | undefined>>,
): void {
  for (const [key, value] of Object.entries(values)) {
    const word = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    out.set(name, value, { [label]: word })
  }
}

interface Files {
  readonly count: number
  readonly bytes: number
}

/** Null when the folder cannot be read. */
async function filesIn(directory: string): Promise<Files | null> {
  try {
    const names = await readdir(directory)
    const sizes = await Promise.all(
      names.map((name) =>
        stat(join(directory, name)).then(
          (file) => file.size,
          // Dropped since it was listed.
          () => 0,
        ),
      ),
    )
    return { count: names.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
  } catch {
    return null
  }
}
