// From the post of an event until an endpoint shows it, while documents of 1.2 KB arrive in the same data source.
// Aims: p95 at most 100 ms at 1 MB/s and 250 ms at 20 MB/s.
import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../machine.ts'
import { withProduct } from './bench-product.ts'
import { eventLines, PROJECT } from './bench-project.ts'
import { engineEvents, printEngineEvents } from './engine-events.ts'
import { generateLoad } from './generate-load.ts'
import type { Ladder } from './ladder.ts'
import { printCores, printLoad } from './print-load.ts'
import { createProbe } from './probe.ts'

const PROBE_EVERY_MS = 150

const ENDPOINT = `NODE seen
SQL >
    %
    SELECT count() AS n FROM events WHERE page = {{String(page, '')}}

TYPE endpoint
`

const freshness =
  (megabytesPerSecond: number, rows: number, aimMs: number): Ladder =>
  ({ seconds }) =>
    withProduct(
      async (product) => {
        const { port, token } = product
        const bytes = eventLines(0, rows, 'document').length
        const perSecond = (megabytesPerSecond * 1e6) / bytes
        const load = { port, token, connections: 32, rows, perSecond, kind: 'document' as const }
        await generateLoad({ ...load, seconds: 3 })
        const before = product.cpu()
        const eventsBefore = await engineEvents(product)
        const probe = createProbe(product)
        const loading = generateLoad({ ...load, seconds })
        const took: Promise<number>[] = []
        const until = performance.now() + seconds * 1000 - 1_000
        while (performance.now() < until) {
          took.push(
            probe.run('/v0/events?name=events', (page) => `/v0/pipes/seen.json?page=${page}`),
          )
          await pause(PROBE_EVERY_MS)
        }
        const all = await Promise.all(took)
        const result = await loading
        const events = await engineEvents(product)
        printLoad(`${rows} documents a request`, result, rows)
        printCores(product, before, result)
        printEngineEvents(eventsBefore, events, result.seconds)
        const [p50, p95] = [quantile(all, 0.5), quantile(all, 0.95)]
        console.log(
          `post to visible: p50 ${p50.toFixed(0)} p95 ${p95.toFixed(0)} max ${Math.max(...all).toFixed(0)} ms, ${all.length} probes (aim: p95 ${aimMs} ms)`,
        )
        await probe.close()
      },
      { ...PROJECT, 'seen.pipe': ENDPOINT },
    )

export const freshness1 = freshness(1, 10, 100)
export const freshness20 = freshness(20, 100, 250)
