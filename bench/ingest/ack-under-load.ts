// How long an acknowledgement takes while 20 MB/s of 100-event bodies arrive and the engine loads them, against a bare fdatasync on the
// same disk under that very load. Aim: p99 at most 10 ms and at most three times the bare one.
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../machine.ts'
import { withProduct } from './bench-product.ts'
import { eventLines } from './bench-project.ts'
import { generateLoad } from './generate-load.ts'
import type { Ladder } from './ladder.ts'
import { printCores, printLoad } from './print-load.ts'

const ROWS = 100
const BYTES_PER_SECOND = 20_000_000
/** Between two bare syncs, so that measuring them is not a load of its own. */
const PAUSE_MS = 10

export const ackUnderLoad: Ladder = ({ seconds }) =>
  withProduct(async (product) => {
    const { port, token, dataDir } = product
    const perSecond = BYTES_PER_SECOND / eventLines(0, ROWS).length
    const load = { port, token, connections: 32, rows: ROWS, perSecond }
    await generateLoad({ ...load, seconds: 3 })
    const before = product.cpu()
    const stop = new AbortController()
    const bare = bareSyncs(join(dataDir, 'bench-bare'), stop.signal)
    const result = await generateLoad({ ...load, seconds })
    stop.abort()
    const took = await bare
    printLoad(`${ROWS} events a request`, result, ROWS)
    printCores(product, before, result)
    const p99 = quantile(took, 0.99)
    console.log(
      `bare write + fdatasync under the load: p50 ${quantile(took, 0.5).toFixed(2)} p99 ${p99.toFixed(2)} ms (${took.length} of them)`,
    )
    console.log(`ratio of p99: ${(result.p99 / p99).toFixed(2)} (aims: 10 ms, 3)`)
  })

/** Milliseconds of writing a body's bytes and syncing them, again and again until the signal. */
async function bareSyncs(path: string, signal: AbortSignal): Promise<number[]> {
  const bytes = eventLines(0, ROWS)
  const file = await open(path, 'w')
  const took: number[] = []
  while (!signal.aborted) {
    const began = performance.now()
    await file.write(bytes)
    await file.datasync()
    took.push(performance.now() - began)
    await pause(PAUSE_MS)
  }
  await file.close()
  await rm(path)
  return took
}
