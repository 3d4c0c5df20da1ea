// A hundred data sources with one view each, ten one-event posts a second into each of them.
// Aims: visible within 2 s (p95), none starved, under 300 active parts each, the engine under half a core.
import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../machine.ts'
import { withProduct, type BenchProduct } from './bench-product.ts'
import { PROJECT } from './bench-project.ts'
import { engineEvents, printEngineEvents } from './engine-events.ts'
import { generateLoad } from './generate-load.ts'
import type { Ladder } from './ladder.ts'
import { partsPerPartition } from './parts.ts'
import { printCores, printLoad } from './print-load.ts'
import { createProbe } from './probe.ts'

const SOURCES = 100
const EACH_PER_SECOND = 10
/** Few enough that what the probes ask the engine, some ten queries a second, is not what is measured. */
const PROBE_EVERY_MS = 500
const LOOK_EVERY_MS = 250

export const hundredSources: Ladder = ({ seconds }) =>
  withProduct(async (product) => {
    const { port, token } = product
    const paths = numbers().map((n) => `/v0/events?name=events_${n}`)
    const perSecond = SOURCES * EACH_PER_SECOND
    const load = { port, token, connections: 32, rows: 1, perSecond, paths }
    await generateLoad({ ...load, seconds: 5 })
    const before = product.cpu()
    const eventsBefore = await engineEvents(product)
    const loading = generateLoad({ ...load, seconds })
    const probe = createProbe(product, LOOK_EVERY_MS)
    const took: Promise<{ n: number; ms: number }>[] = []
    const until = performance.now() + seconds * 1000 - 3_000
    for (let n = 1; performance.now() < until; n = (n % SOURCES) + 1) {
      const count = (page: string): string =>
        `/v0/sql?q=${encodeURIComponent(`SELECT count() AS n FROM events_${n} WHERE page = '${page}' FORMAT JSON`)}`
      took.push(probe.run(`/v0/events?name=events_${n}`, count).then((ms) => ({ n, ms })))
      await pause(PROBE_EVERY_MS)
    }
    const all = await Promise.all(took)
    const result = await loading
    const events = await engineEvents(product)
    printLoad('one event a request', result, 1)
    printCores(product, before, result)
    printEngineEvents(eventsBefore, events, result.seconds)
    const ms = all.map((each) => each.ms)
    console.log(
      `post to visible: p50 ${quantile(ms, 0.5).toFixed(0)} p95 ${quantile(ms, 0.95).toFixed(0)} max ${Math.max(...ms).toFixed(0)} ms over ${new Set(all.map(({ n }) => n)).size} data sources (aim: p95 2000 ms)`,
    )
    console.log(
      `active parts of a partition: at most ${await partsPerPartition(product)} (aim: 300)`,
    )
    await printStarved(product)
    await probe.close()
  }, project())

/** Every data source must have what was posted to it, not only most of them. */
async function printStarved(product: BenchProduct): Promise<void> {
  const rows = await product.engine(
    `SELECT concat(toString(min(total_rows)), ' to ', toString(max(total_rows))) FROM system.tables
     WHERE name IN (SELECT table FROM system.columns WHERE database LIKE 'ws\\\\_%' AND name = 'session_id' AND table NOT LIKE '%quarantine') FORMAT TSVRaw`,
  )
  console.log(`rows in a data source: ${rows} (none starved when these are close)`)
}

function numbers(): number[] {
  return Array.from({ length: SOURCES }, (_, index) => index + 1)
}

function project(): Record<string, string> {
  return Object.fromEntries(
    numbers().flatMap((n) =>
      Object.entries(PROJECT).map(([file, text]) => [
        file.replace('.', `_${n}.`),
        text
          .replace('FROM events', `FROM events_${n}`)
          .replace('DATASOURCE by_minute', `DATASOURCE by_minute_${n}`),
      ]),
    ),
  )
}
