// Time from process start to the first answered query: once on an empty data directory, then warm.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printMachine, quantile } from './machine.ts'
import { startProduct } from './started-product.ts'

const WARM_STARTS = 7

printMachine('Start to first answered query')
const dataDir = mkdtempSync(join(tmpdir(), 'sandpiper-start-time-'))
try {
  const times: number[] = []
  for (let start = 0; start <= WARM_STARTS; start += 1) {
    const product = await startProduct(dataDir)
    const stopping = performance.now()
    await product.stop()
    const stopMs = Math.round(performance.now() - stopping)
    const kind = start === 0 ? 'empty data directory' : 'warm'
    console.log(
      `${kind.padEnd(21)} ${Math.round(product.firstQueryMs)} ms, stopped in ${stopMs} ms`,
    )
    if (start > 0) times.push(product.firstQueryMs)
  }
  const [p50, worst] = [quantile(times, 0.5), Math.max(...times)].map(Math.round)
  console.log(
    `warm starts: median ${p50 ?? 0} ms, worst of ${WARM_STARTS} ${worst ?? 0} ms (aim: 3000)`,
  )
} finally {
  rmSync(dataDir, { recursive: true, force: true })
}
