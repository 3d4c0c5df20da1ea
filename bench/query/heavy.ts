// Ten connections of heavy queries, under an engine that has 4 GB of memory, beside 1 MB/s of events and a small endpoint of the same workspace.
import { Pool } from 'undici'

import { withProduct, type BenchProduct } from '../ingest/bench-product.ts'
import { generateLoad, type Load } from '../ingest/generate-load.ts'
import type { Ladder } from '../ingest/ladder.ts'
import { printLoad } from '../ingest/print-load.ts'
import { paced, printPaced } from './paced.ts'
import { QUERY_PROJECT } from './query-project.ts'

const CONNECTIONS = 10
const MEMORY_BYTES = 4_000_000_000
const SMALL = '/v0/pipes/one.json'
const LOAD = { connections: 8, rows: 100, perSecond: 25 }

/** Answers by status, and what the load lost by it. */
export const heavy: Ladder = ({ seconds }) => {
  process.env['SANDPIPER_ENGINE_MEMORY_BYTES'] = String(MEMORY_BYTES)
  return withProduct(async (product) => {
    const load: Load = { ...LOAD, port: product.port, token: product.token, seconds }
    await generateLoad({ ...load, seconds: 2 })
    const api = new Pool(product.url, { connections: 16 })
    const small = (forSeconds: number): Promise<number[]> =>
      paced(api, product, { perSecond: 20, seconds: forSeconds, path: () => SMALL })
    await small(2)
    const [alone, before] = await Promise.all([
      generateLoad({ ...load, seconds: seconds / 3 }),
      small(seconds / 3),
    ])
    printLoad('the load alone', alone, LOAD.rows)
    printPaced('a small endpoint alone', before)
    const peak = watchMemory(product)
    const [statuses, result, beside] = await Promise.all([
      ask(product, seconds),
      generateLoad(load),
      small(seconds),
    ])
    printLoad('the load beside it', result, LOAD.rows)
    printPaced('a small endpoint beside it', beside)
    console.log(`heavy queries by status: ${JSON.stringify(statuses)}`)
    console.log(`engine: at most ${(peak() / 1e9).toFixed(2)} GB resident`)
    await api.close()
  }, QUERY_PROJECT).finally(() => {
    delete process.env['SANDPIPER_ENGINE_MEMORY_BYTES']
  })
}

/** Each connection asks again when it is answered; after a 429 as late as it was told. */
async function ask(product: BenchProduct, seconds: number): Promise<Record<string, number>> {
  const api = new Pool(product.url, { connections: CONNECTIONS })
  const headers = { authorization: `Bearer ${product.token}` }
  const statuses: Record<string, number> = {}
  const until = performance.now() + seconds * 1_000
  let seed = 0
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const path = `/v0/pipes/heavy.json?seed=${seed++}`
      const answer = await api.request({ path, method: 'GET', headers })
      const text = await answer.body.text()
      const { statusCode } = answer
      statuses[statusCode] = (statuses[statusCode] ?? 0) + 1
      if (statusCode !== 200 && statusCode !== 429)
        console.log(`  ${statusCode} ${text.slice(0, 200)}`)
      const pause = Number(answer.headers['retry-after'] ?? 0)
      await new Promise((resolve) => setTimeout(resolve, pause * 1_000))
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  await api.close()
  return statuses
}

function watchMemory(product: BenchProduct): () => number {
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, product.rss()['engine'] ?? 0)
  }, 1_000)
  return () => {
    clearInterval(timer)
    return peak
  }
}
