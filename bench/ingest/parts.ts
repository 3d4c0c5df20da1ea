// Active parts while single events are loaded one batch each: as many as an hour of one post per second makes, in as little time as
// the product takes for them. Aim: fewer than 300 in any partition at any time.
import { Pool } from 'undici'
import { withProduct, type BenchProduct } from './bench-product.ts'
import { eventLine } from './bench-project.ts'
import type { Ladder } from './ladder.ts'

const POSTS = 3_600
const POSTERS = 2
const LOOK_EVERY_MS = 1_000

export const activeParts: Ladder = () =>
  withProduct(async (product) => {
    const pool = new Pool(product.url, { connections: POSTERS })
    const headers = { authorization: `Bearer ${product.token}` }
    const began = performance.now()
    let most = 0
    let looking: Promise<void> = Promise.resolve()
    const look = setInterval(() => {
      looking = partsPerPartition(product).then((parts) => {
        most = Math.max(most, parts)
      })
    }, LOOK_EVERY_MS)
    let posted = 0
    await Promise.all(
      Array.from({ length: POSTERS }, async () => {
        while (posted < POSTS) {
          const body = eventLine(posted++)
          const path = '/v0/events?name=events&wait=true'
          const answer = await pool.request({ path, method: 'POST', headers, body })
          const text = await answer.body.text()
          if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${text}`)
        }
      }),
    )
    clearInterval(look)
    await looking
    const seconds = (performance.now() - began) / 1000
    console.log(
      `${POSTS} posts, each waited for, in ${seconds.toFixed(0)} s: at most ${most} active parts in a partition, ${await partsPerPartition(product)} at the end (aim: 300)`,
    )
    await pool.close()
  })

/** The most active parts that any partition of a data source has now. */
export async function partsPerPartition(product: BenchProduct): Promise<number> {
  return Number(
    await product.engine(
      `SELECT max(c) FROM (SELECT count() AS c FROM system.parts WHERE active AND database LIKE 'ws\\\\_%' GROUP BY database, table, partition_id) FORMAT TSVRaw`,
    ),
  )
}
