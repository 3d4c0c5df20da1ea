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
const AHEAD_BYTES = 32 * 1024 * 1024
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
    const bare = bareSyncs(join(dataDir, 'bench-bare'), 0, stop.signal)
    const ahead = bareSyncs(join(dataDir, 'bench-ahead'), AHEAD_BYTES, stop.signal)
    const result = await generateLoad({ ...load, seconds })
    stop.abort()
    const [took, tookAhead] = await Promise.all([bare, ahead])
    printLoad(`${ROWS} events a request`, result, ROWS)
    printCores(product, before, result)
    const p99 = quantile(took, 0.99)
    console.log(
      `bare write + fdatasync under the load: p50 ${quantile(took, 0.5).toFixed(2)} p99 ${p99.toFixed(2)} ms (${took.length} of them)`,
    )
    console.log(
      `the same into space written before: p50 ${quantile(tookAhead, 0.5).toFixed(2)} p99 ${quantile(tookAhead, 0.99).toFixed(2)} ms (${tookAhead.length} of them)`,
    )
    console.log(`ratio of p99: ${(result.p99 / p99).toFixed(2)} (aims: 10 ms, 3)`)
  })

/** Milliseconds of writing a body's bytes and syncing them, again and again until the signal. @param ahead bytes written before. */
async function bareSyncs(path: string, ahead: number, signal: AbortSignal): Promise<number[]> {
  const bytes = eventLines(0, ROWS)
  const file = await open(path, 'w')
  await file.write(Buffer.alloc(ahead), 0, ahead, 0)
  await file.sync()
  const took: number[] = []
  let at = 0
  while (!signal.aborted) {
    const began = performance.now()
    if (ahead > 0 && at + bytes.length > ahead) at = 0
    await file.write(bytes, 0, bytes.length, at)
    at += bytes.length
    await file.datasync()
    took.push(performance.now() - began)
    await pause(PAUSE_MS)
  }
  await file.close()
  await rm(path)
  return took
}
