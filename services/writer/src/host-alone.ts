// The writer as a process of its own: its partitions, the port that tells of its health, and its end.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { createClosing, answerHealth } from '@sandpiper/hosting'
import {
  createExposition,
  type Histogram,
  type HistogramSnapshot,
  measureProcess,
} from '@sandpiper/telemetry'
import type { SharedConfig, WriterConfig } from './config.ts'
import { hostPartitions, type HostedPartitions } from './host-partitions.ts'
import type { RunDeps } from './partition-run.ts'
import type { WriterOptions } from './run.ts'

type Deps = Omit<RunDeps, 'shared' | 'mirror' | 'spoolDir' | 'budgets'> & {
  readonly loads: () => ReturnType<Histogram['snapshot']>
}

const CLOSE_MAX_MS = 2_000

/** Starts; ends the process on SIGTERM or SIGINT once its batches are through. */
export async function hostAlone(
  config: WriterConfig & { readonly shared: SharedConfig },
  deps: Deps,
  options: WriterOptions,
): Promise<void> {
  const { logger, clickhouse } = deps
  const { health, drainMs } = config.shared
  const closing = createClosing(logger)
  closing.add('clickhouse client', 500, () => clickhouse.close())
  const partitions = await hostPartitions(config, deps, options)
  closing.add('partitions', drainMs + CLOSE_MAX_MS, () => partitions.stop(drainMs))
  let isDraining = false
  const listener = answerHealth({
    checks: {
      log: () => partitions.isReady(),
      engine: () => clickhouse.rows({ sql: 'SELECT 1' }).then(() => true),
    },
    isDraining: () => isDraining,
    metrics: () => metricsText(deps, partitions),
  })
  const server = createServer(listener).listen(health.port, health.host)
  await once(server, 'listening')
  closing.add('health', 100, () => {
    server.close()
    server.closeAllConnections()
  })
  const end = (signal: string): void => {
    if (isDraining) return
    isDraining = true
    logger.info({ signal, counters: deps.counters }, 'stopping')
    void closing.run().then(() => process.exit(0))
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end)
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : null
  // For whoever started us: the port may have been any.
  process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`)
  logger.info({ port }, 'ready')
}

async function metricsText(deps: Deps, partitions: HostedPartitions): Promise<string> {
  const out = createExposition()
  const { batches, rows, refusedRows, bytes, ...events } = deps.counters
  const labels = { process: 'writer' }
  const usage = await measureProcess()
  out.set('sandpiper_up', 1, labels)
  out.set('sandpiper_process_cpu_seconds_total', usage.cpuSeconds, labels)
  out.set('sandpiper_process_resident_memory_bytes', usage.residentBytes, labels)
  out.set('sandpiper_writer_batches_total', batches)
  out.set('sandpiper_writer_rows_total', rows)
  out.set('sandpiper_writer_quarantined_rows_total', refusedRows)
  out.set('sandpiper_writer_bytes_total', bytes)
  for (const [name, value] of Object.entries(events))
    out.set('sandpiper_writer_events_total', value, eventOf(name))
  const mirror = partitions.mirror.counters
  for (const [name, value] of Object.entries(mirror))
    out.set('sandpiper_writer_copied_frames_total', value, eventOf(name))
  out.set('sandpiper_writer_partitions', partitions.owned().length)
  const waiting = partitions.waiting()
  out.set('sandpiper_writer_waiting_frames', waiting.frames)
  out.set('sandpiper_writer_waiting_sources', waiting.sources)
  out.set('sandpiper_writer_waiting_seconds', waiting.seconds)
  const snapshot: HistogramSnapshot = deps.loads()
  out.histogram('sandpiper_writer_load_duration_seconds', snapshot)
  return out.text()
}

function eventOf(name: string): { event: string } {
  return { event: name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) }
}
