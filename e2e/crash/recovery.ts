// Waits until a product works again, and until all it acknowledged has been loaded.
import { setTimeout as pause } from 'node:timers/promises'
import { createCaller, type Caller } from '../support/http.ts'
import type { Load, Target } from './producers.ts'
import { SOURCES } from './project.ts'

const PROBE_TIMEOUT_MS = 5_000
/** An import goes on at the next start; a big one on a slow machine takes its time. */
const JOBS_LIMIT_MS = 90_000

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

/** Waits until imports are over and everything acknowledged before is loaded: frames of a data source are loaded in their order. */
export async function drained(target: Target, load: Load, limitMs: number): Promise<void> {
  const admin = createCaller(target.url(), target.token())
  const since = performance.now()
  while (await hasJobs(admin)) {
    await pause(100)
    if (performance.now() - since > JOBS_LIMIT_MS)
      throw new Error(`an import does not end within ${JOBS_LIMIT_MS} ms`)
  }
  await Promise.all(SOURCES.map((source) => recovered(load, limitMs, source)))
}

async function hasJobs(admin: Caller): Promise<boolean> {
  const { json, status } = await admin.get('/v0/jobs').catch(() => ({ json: null, status: 0 }))
  if (status !== 200) return true
  const { jobs } = json as { readonly jobs: readonly { readonly status: string }[] }
  return jobs.some((job) => ['waiting', 'working', 'cancelling'].includes(job.status))
}
