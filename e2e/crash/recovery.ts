// Waits until a product works again, and until all it acknowledged has been loaded.
import { setTimeout as pause } from 'node:timers/promises'
import type { Load } from './producers.ts'
import { SOURCES } from './project.ts'

const PROBE_TIMEOUT_MS = 5_000

/** Posts one event with `wait=true` until every target has it. @returns milliseconds. @throws Error after the limit. */
export async function recovered(load: Load, limitMs: number, source = 'probe'): Promise<number> {
  const since = performance.now()
  while (!(await load.probe(source, PROBE_TIMEOUT_MS))) {
    if (performance.now() - since > limitMs)
      throw new Error(`no recovery of ${source} within ${limitMs} ms`)
    await pause(20)
  }
  return performance.now() - since
}

/** Waits until everything acknowledged before is loaded: frames of a data source are loaded in their order. */
export async function drained(load: Load, limitMs: number): Promise<void> {
  await Promise.all(SOURCES.map((source) => recovered(load, limitMs, source)))
}
