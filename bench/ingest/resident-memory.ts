// Resident memory of the whole process tree while 20 MB/s arrive and are loaded. Pages that processes share count in each of them.
// Aim: at most 1.2 GB.
import { withProduct } from './bench-product.ts'
import { eventLines } from './bench-project.ts'
import { generateLoad } from './generate-load.ts'
import type { Ladder } from './ladder.ts'
import { printCores, printLoad } from './print-load.ts'

const ROWS = 100
const BYTES_PER_SECOND = 20_000_000
const LOOK_EVERY_MS = 500

export const residentMemory: Ladder = ({ seconds }) =>
  withProduct(async (product) => {
    const { port, token } = product
    const perSecond = BYTES_PER_SECOND / eventLines(0, ROWS).length
    const before = product.cpu()
    let most: Record<string, number> = {}
    const look = setInterval(() => {
      const now = product.rss()
      if (sum(now) > sum(most)) most = now
    }, LOOK_EVERY_MS)
    const load = { port, token, connections: 32, rows: ROWS, perSecond, seconds }
    const result = await generateLoad(load)
    clearInterval(look)
    printLoad(`${ROWS} events a request`, result, ROWS)
    printCores(product, before, result)
    const parts = Object.entries(most).map(([part, bytes]) => `${part} ${mega(bytes)}`)
    console.log(
      `resident, at most: ${mega(sum(most))} MB in all (${parts.join(', ')}; aim: 1200 MB)`,
    )
  })

function sum(bytes: Record<string, number>): number {
  return Object.values(bytes).reduce((total, each) => total + each, 0)
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}
