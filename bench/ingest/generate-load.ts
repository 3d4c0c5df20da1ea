// Posts from another process: what the generator costs must not be the product's. See load-process.ts.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { quantile } from '../machine.ts'

export interface Load {
  readonly port: number
  readonly token: string
  /** Request target; default `/v0/events?name=events`. */
  readonly path?: string
  /** Several request targets, one after the other; instead of `path`. */
  readonly paths?: readonly string[]
  readonly connections: number
  readonly seconds: number
  /** Events in each request. */
  readonly rows: number
  /** Different bodies, sent in turns; default 8. */
  readonly bodies?: number
  /** Requests a second, sent at their time whether or not the ones before are answered; default: as fast as they are answered. */
  readonly perSecond?: number
  /** What a body of `rows` events is made of: about 400 bytes each, the default, or about 1.2 KB. */
  readonly kind?: 'event' | 'document'
}

export interface LoadResult {
  readonly seconds: number
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>
  readonly requestsPerSecond: number
  readonly bytesPerSecond: number
  /** Milliseconds from when the request was due to its answer. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** CPU seconds of the generator itself. */
  readonly cpuSeconds: number
}

/** What the process sends back. */
export interface LoadReport {
  readonly seconds: number
  readonly statuses: Readonly<Record<string, number>>
  readonly bytes: number
  readonly took: readonly number[]
  readonly cpuSeconds: number
}

export async function generateLoad(load: Load): Promise<LoadResult> {
  const file = fileURLToPath(new URL('./load-process.ts', import.meta.url))
  const child = fork(file, [JSON.stringify(load)], { serialization: 'advanced' })
  const ended = once(child, 'exit')
  const failed = ended.then(([code]) => {
    throw new Error(`the generator ended with ${String(code)}`)
  })
  failed.catch(() => undefined)
  const [report] = (await Promise.race([once(child, 'message'), failed])) as [LoadReport]
  await ended
  const { statuses, seconds, bytes, took, cpuSeconds } = report
  const answers = Object.values(statuses).reduce((sum, count) => sum + count, 0)
  return {
    seconds,
    statuses,
    requestsPerSecond: answers / seconds,
    bytesPerSecond: bytes / seconds,
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    max: quantile(took, 1),
    cpuSeconds,
  }
}
