// One event in each request, each acknowledged after its fdatasync. Aim: 20,000 a second on two cores, generator included.
import { withProduct } from './bench-product.ts'
import { generateLoad } from './generate-load.ts'
import type { Ladder } from './ladder.ts'
import { printCores, printLoad } from './print-load.ts'

export const oneEvent: Ladder = ({ seconds }) =>
  withProduct(async (product) => {
    const { port, token } = product
    await generateLoad({ port, token, connections: 64, seconds: 3, rows: 1 })
    for (const connections of [64, 256]) {
      const before = product.cpu()
      const result = await generateLoad({ port, token, connections, seconds, rows: 1 })
      printLoad(`${connections} connections`, result, 1)
      printCores(product, before, result)
    }
    console.log('(aim: 20000 requests/s)')
  })
