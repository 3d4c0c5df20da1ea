// Three times what was just measured as the product's capacity, for as long as asked: half of it as single events, half as bodies of 400 KB
// from so many connections that they do not fit into memory. Aims: bounded memory, no answer but 2xx, 429 and 503, recovery in seconds.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { withProduct, type BenchProduct } from './bench-product.ts'
import { generateLoad } from './generate-load.ts'
import type { Ladder } from './ladder.ts'
import { untilLoaded } from './until-loaded.ts'

const TIMES = 3
const MEASURED_SECONDS = 5
const LOOK_EVERY_MS = 1_000

/** What the process that sends too much is told. */
export interface Overload {
  readonly port: number
  readonly token: string
  readonly connections: number
  readonly seconds: number
  readonly rows: number
  readonly perSecond: number
}

/** What it tells. */
export interface OverloadReport {
  readonly seconds: number
  /** Answers by status; `cut`: the connection ended before an answer. */
  readonly statuses: Readonly<Record<string, number>>
  /** Requests that were due when every connection waited for an answer. */
  readonly unsent: number
}

export const overload: Ladder = ({ seconds }) =>
  withProduct(async (product) => {
    const { port, token } = product
    for (const { rows, few, many } of [
      { rows: 1, few: 256, many: 4_000 },
      { rows: 1_000, few: 8, many: 2_000 },
    ]) {
      const load = { port, token, connections: few, seconds: MEASURED_SECONDS, rows }
      await generateLoad(load)
      const { requestsPerSecond } = await generateLoad(load)
      const perSecond = TIMES * requestsPerSecond
      console.log(
        `${rows} events a request: capacity ${requestsPerSecond.toFixed(0)} requests/s from ${few} connections; now ${perSecond.toFixed(0)}/s from ${many} for ${seconds / 2} s`,
      )
      const watch = watchMemory(product)
      const report = await send({
        port,
        token,
        connections: many,
        seconds: seconds / 2,
        rows,
        perSecond,
      })
      await printAfter(product, report, watch)
    }
  })

async function printAfter(
  product: BenchProduct,
  { statuses, unsent, seconds }: OverloadReport,
  watch: () => string,
): Promise<void> {
  const ended = performance.now()
  const since = (): string => ((performance.now() - ended) / 1000).toFixed(2)
  await untilAcknowledged(product)
  const acknowledged = since()
  await untilLoaded(product)
  const taken = (statuses['202'] ?? 0) / seconds
  console.log(
    `  answers ${JSON.stringify(statuses)}, ${unsent} due without a free connection; ${taken.toFixed(0)} acknowledged/s`,
  )
  console.log(`  resident, at most: ${watch()}`)
  console.log(
    `  afterwards: first acknowledged after ${acknowledged} s, everything loaded after ${since()} s`,
  )
}

/** Looks until the answer is asked for. */
function watchMemory(product: BenchProduct): () => string {
  const most: Record<string, number> = {}
  let inAll = 0
  const timer = setInterval(() => {
    const now = product.rss()
    inAll = Math.max(
      inAll,
      Object.values(now).reduce((sum, bytes) => sum + bytes, 0),
    )
    for (const [part, bytes] of Object.entries(now)) most[part] = Math.max(most[part] ?? 0, bytes)
  }, LOOK_EVERY_MS)
  return () => {
    clearInterval(timer)
    const parts = Object.entries(most).map(([part, bytes]) => `${part} ${(bytes / 1e6).toFixed(0)}`)
    return `${(inAll / 1e6).toFixed(0)} MB in all (${parts.join(', ')})`
  }
}

async function send(load: Overload): Promise<OverloadReport> {
  const file = fileURLToPath(new URL('./overload-process.ts', import.meta.url))
  const child = fork(file, [JSON.stringify(load)])
  const ended = once(child, 'exit')
  const failed = ended.then(([code]) => {
    throw new Error(`the generator ended with ${String(code)}`)
  })
  failed.catch(() => undefined)
  const [report] = (await Promise.race([once(child, 'message'), failed])) as [OverloadReport]
  await ended
  return report
}

async function untilAcknowledged({ url, token }: BenchProduct): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/v0/events?name=events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: '{}',
    }).catch(() => null)
    await answer?.text()
    if (answer?.status === 202) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
