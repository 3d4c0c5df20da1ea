// A thousand events of 400 bytes in each request, against the engine inserting the same rows from a file, in the same run: the same
// table, view and settings, merges on. Aim: 150,000 events a second sustained, and half of what the engine does alone.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withProduct, type BenchProduct } from './bench-product.ts'
import { eventLines } from './bench-project.ts'
import { generateLoad } from './generate-load.ts'
import type { Ladder } from './ladder.ts'
import { printCores, printLoad } from './print-load.ts'
import { untilLoaded } from './until-loaded.ts'

const RAW_ROWS = 400_000
const ROWS = 1_000

export const thousandEvents: Ladder = ({ seconds }) =>
  withProduct(async (product) => {
    const { port, token } = product
    const raw = await rawRowsPerSecond(product)
    console.log(`raw INSERT SELECT FROM file(): ${raw.toFixed(0)} rows/s`)
    await generateLoad({ port, token, connections: 8, seconds: 2, rows: ROWS })
    await untilLoaded(product)
    const loadedBefore = await loadedRows(product)
    const before = product.cpu()
    const began = performance.now()
    const result = await generateLoad({ port, token, connections: 8, seconds, rows: ROWS })
    const loadedMeanwhile = (await loadedRows(product)) - loadedBefore
    printLoad('acknowledged', result, ROWS)
    printCores(product, before, result)
    await untilLoaded(product)
    const wallSeconds = (performance.now() - began) / 1000
    const loaded = (await loadedRows(product)) - loadedBefore
    const perSecond = loaded / wallSeconds
    console.log(
      `in the tables: ${perSecond.toFixed(0)} events/s from the first post until all ${loaded} were in, ${wallSeconds.toFixed(1)} s; ${((loadedMeanwhile / loaded) * 100).toFixed(0)}% of them while the load lasted`,
    )
    console.log(`ratio to raw: ${(perSecond / raw).toFixed(2)} (aims: 150000 events/s, 0.5)`)
  })

async function loadedRows(product: BenchProduct): Promise<number> {
  return Number(await product.engine(`SELECT count() FROM ${await tableOf(product)}`))
}

/** The table behind `events`: the one with its ten columns that is neither ours below nor a quarantine. */
async function tableOf(product: BenchProduct): Promise<string> {
  return product.engine(
    "SELECT concat('`', database, '`.`', table, '`') FROM system.columns WHERE database LIKE 'ws\\\\_%' AND name = 'session_id' AND table NOT LIKE '%quarantine' FORMAT TSVRaw",
  )
}

/** What the engine does alone with the same rows in a file beside it. The best of three, so that the ratio flatters nobody. */
async function rawRowsPerSecond(product: BenchProduct): Promise<number> {
  const table = await tableOf(product)
  const path = join(product.dataDir, 'spool', 'bench-raw.ndjson')
  writeFileSync(path, eventLines(0, RAW_ROWS))
  chmodSync(path, 0o644)
  await product.engine('CREATE DATABASE bench_raw ENGINE = Atomic')
  await product.engine(`CREATE TABLE bench_raw.events AS ${table}`)
  await product.engine(
    `CREATE MATERIALIZED VIEW bench_raw.by_minute ENGINE = AggregatingMergeTree ORDER BY (minute, page) SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1 AS SELECT toStartOfMinute(timestamp) AS minute, page, countState() AS views, avgState(load_ms) AS load_ms FROM bench_raw.events GROUP BY minute, page`,
  )
  let best = 0
  for (let round = 0; round < 3; round += 1) {
    const began = performance.now()
    await product.engine(
      `INSERT INTO bench_raw.events SELECT * FROM file('${path}', 'JSONEachRow', 'timestamp DateTime64(3), session_id UUID, action LowCardinality(String), page String, country LowCardinality(String), load_ms UInt32, price Float64, referrer Nullable(String), user_agent String, tags Array(String)')`,
    )
    best = Math.max(best, RAW_ROWS / ((performance.now() - began) / 1000))
  }
  await product.engine('DROP DATABASE bench_raw SYNC')
  return best
}
