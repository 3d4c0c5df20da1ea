// An endpoint that is asked fifty times a second while events come in. Each request is due at its time: one that is late counts its waiting.
import { Pool } from 'undici'

import { withProduct, type BenchProduct } from '../ingest/bench-product.ts'
import { engineEvents, printEngineEvents } from '../ingest/engine-events.ts'
import { generateLoad } from '../ingest/generate-load.ts'
import type { Ladder } from '../ingest/ladder.ts'
import { printCores, printLoad } from '../ingest/print-load.ts'
import { quantile } from '../machine.ts'
import { viewPath } from './endpoint.ts'
import { fill, QUERY_PROJECT } from './query-project.ts'

const PER_SECOND = 50
/** 50 requests a second of 500 events of some 400 bytes: 10 MB. */
const LOAD = { connections: 8, rows: 500, perSecond: 50 }

/** Once alone, once beside 10 MB/s. */
export const underIngest: Ladder = ({ seconds }) =>
  withProduct(async (product) => {
    await fill((sql) => product.engine(sql))
    const api = new Pool(product.url, { connections: 16 })
    try {
      await paced(api, product, 2)
      print('alone', await paced(api, product, seconds / 2))
      const events = await engineEvents(product)
      const cpu = product.cpu()
      const [took, load] = await Promise.all([
        paced(api, product, seconds),
        generateLoad({ ...LOAD, port: product.port, token: product.token, seconds }),
      ])
      print('beside the load', took)
      printLoad('the load', load, LOAD.rows)
      printCores(product, cpu, load)
      printEngineEvents(events, await engineEvents(product), seconds)
    } finally {
      await api.close()
    }
  }, QUERY_PROJECT)

/** Milliseconds from when each request was due to its answer. */
async function paced(api: Pool, product: BenchProduct, seconds: number): Promise<number[]> {
  const headers = { authorization: `Bearer ${product.token}` }
  const took: number[] = []
  const running: Promise<void>[] = []
  const began = performance.now()
  const ask = async (n: number, dueAt: number): Promise<void> => {
    const { statusCode, body } = await api.request({ path: viewPath(n), method: 'GET', headers })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${statusCode} ${text.slice(0, 300)}`)
    took.push(performance.now() - dueAt)
  }
  for (let n = 0; n < seconds * PER_SECOND; n += 1) {
    const dueAt = began + (n * 1_000) / PER_SECOND
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt - performance.now())))
    running.push(ask(n, dueAt))
  }
  await Promise.all(running)
  return took
}

function print(name: string, took: readonly number[]): void {
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => quantile(took, share).toFixed(1))
  console.log(
    `endpoint, ${PER_SECOND}/s, ${name}: p50 ${p50 ?? ''}  p99 ${p99 ?? ''}  max ${max ?? ''} ms, ${took.length} requests`,
  )
}
