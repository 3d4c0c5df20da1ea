// Times a few of the appends, so that all the others cost nothing: how long until durable, and how long until every target has it.
import type { EventLog } from '@sandpiper/eventlog'
import { createHistogram, type HistogramSnapshot } from '@sandpiper/telemetry'

/** A log whose appends are sampled. */
export interface SampledLog {
  readonly log: EventLog
  appends(): HistogramSnapshot
  freshness(): HistogramSnapshot
  /** Seconds since the append that is waited for; 0 when there is none. */
  probeAgeSeconds(): number
}

const SAMPLE_EVERY_MS = 20
/** A probe that takes longer is given up, and counted with this age. */
const PROBE_MS_MAX = 600_000

/** Wraps the log. @param monotonicMs milliseconds of a clock that never goes back. */
export function sampleLog(log: EventLog, monotonicMs: () => number): SampledLog {
  const appends = createHistogram()
  const freshness = createHistogram()
  let nextAtMs = 0
  let probeSinceMs: number | null = null

  async function probe(dataSourceId: string, sequence: number, sinceMs: number): Promise<void> {
    probeSinceMs = sinceMs
    try {
      await log.loaded(dataSourceId, sequence, AbortSignal.timeout(PROBE_MS_MAX))
    } catch {
      // Given up, or the log is closing: its age is the least it took.
    }
    probeSinceMs = null
    freshness.observe((monotonicMs() - sinceMs) / 1000)
  }

  async function timed(frame: Parameters<EventLog['append']>[0], nowMs: number): Promise<number> {
    const sequence = await log.append(frame)
    appends.observe((monotonicMs() - nowMs) / 1000)
    if (probeSinceMs === null) void probe(frame.dataSourceId, sequence, nowMs)
    return sequence
  }

  return {
    appends: () => appends.snapshot(),
    freshness: () => freshness.snapshot(),
    probeAgeSeconds: () => (probeSinceMs === null ? 0 : (monotonicMs() - probeSinceMs) / 1000),
    log: {
      ...log,
      append(frame) {
        const nowMs = monotonicMs()
        if (nowMs < nextAtMs) return log.append(frame)
        nextAtMs = nowMs + SAMPLE_EVERY_MS
        return timed(frame, nowMs)
      },
    },
  }
}
