// An endpoint that is asked fifty times a second while events come in. Each request is due at its time: one that is late counts its waiting.
import { Pool } from 'undici'

import { withProduct } from '../ingest/bench-product.ts'
import { engineEvents, printEngineEvents } from '../ingest/engine-events.ts'
import { generateLoad } from '../ingest/generate-load.ts'
import type { Ladder } from '../ingest/ladder.ts'
import { printCores, printLoad } from '../ingest/print-load.ts'
import { viewPath } from './endpoint.ts'
import { paced, printPaced, type Paced } from './paced.ts'
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
      await paced(api, product, asked(2))
      printPaced('endpoint, alone', await paced(api, product, asked(seconds / 2)))
      const events = await engineEvents(product)
      const cpu = product.cpu()
      const [took, load] = await Promise.all([
        paced(api, product, asked(seconds)),
        generateLoad({ ...LOAD, port: product.port, token: product.token, seconds }),
      ])
      printPaced('endpoint, beside the load', took)
      printLoad('the load', load, LOAD.rows)
      printCores(product, cpu, load)
      printEngineEvents(events, await engineEvents(product), seconds)
    } finally {
      await api.close()
    }
  }, QUERY_PROJECT)

function asked(seconds: number): Paced {
  return { perSecond: PER_SECOND, seconds, path: viewPath }
}
