// Requests that are due at their time, whether or not the ones before are answered: one that is late counts its waiting.
import type { Pool } from 'undici'

import type { BenchProduct } from '../ingest/bench-product.ts'
import { quantile } from '../machine.ts'

export interface Paced {
  readonly perSecond: number
  readonly seconds: number
  /** Request target of the n-th. */
  readonly path: (n: number) => string
}

/** Milliseconds from when each request was due to its answer. */
export async function paced(api: Pool, product: BenchProduct, asked: Paced): Promise<number[]> {
  const { perSecond, seconds, path } = asked
  const headers = { authorization: `Bearer ${product.token}` }
  const took: number[] = []
  const running: Promise<void>[] = []
  const began = performance.now()
  const ask = async (n: number, dueAt: number): Promise<void> => {
    const { statusCode, body } = await api.request({ path: path(n), method: 'GET', headers })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${statusCode} ${text.slice(0, 300)}`)
    took.push(performance.now() - dueAt)
  }
  for (let n = 0; n < seconds * perSecond; n += 1) {
    const dueAt = began + (n * 1_000) / perSecond
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt - performance.now())))
    running.push(ask(n, dueAt))
  }
  await Promise.all(running)
  return took
}

export function printPaced(name: string, took: readonly number[]): void {
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => quantile(took, share).toFixed(1))
  console.log(
    `${name}: p50 ${p50 ?? ''}  p99 ${p99 ?? ''}  max ${max ?? ''} ms, ${took.length} requests`,
  )
}
