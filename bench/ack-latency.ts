// How long an acknowledgement takes: one-event appends from 64 producers to the event log and to the Events API of a server started
// for it, against a bare write + fdatasync on the same disk in the same run.
//   tsx bench/ack-latency.ts [--seconds 5]
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type NewFrame, openEventLog } from '@sandpiper/eventlog'
import { Pool } from 'undici'

import { printMachine, quantile } from './machine.ts'
import { startProduct } from './started-product.ts'

const CONNECTIONS = 64
const DATA_SOURCE = `SCHEMA >
    timestamp DateTime \`json:$.timestamp\`,
    session_id String \`json:$.session_id\`,
    payload String \`json:$.payload\`

ENGINE MergeTree
ENGINE_SORTING_KEY timestamp
`
const { values: args } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } })
const durationMs = Number(args.seconds) * 1000
const event = Buffer.from(
  `${JSON.stringify({ timestamp: '2026-11-21 12:00:00', session_id: 'a'.repeat(36), payload: 'x'.repeat(300) })}\n`,
)

printMachine('Acknowledgement of one event, milliseconds')
const folder = await mkdtemp(join(tmpdir(), 'ack-latency-'))
try {
  const bare = await measureBare(folder)
  print('bare write + fdatasync, 1 producer', bare)
  const log = await measureLog(folder)
  print(`event log, ${CONNECTIONS} producers`, log, bare)
  const http = await measureHttp(join(folder, 'product'))
  print(`POST /v0/events, ${CONNECTIONS} connections`, http, bare)
} finally {
  await rm(folder, { recursive: true, force: true })
}

interface Measured {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

async function measure(producers: number, once: () => Promise<void>): Promise<Measured> {
  const took: number[] = []
  const end = performance.now() + durationMs
  await Promise.all(
    Array.from({ length: producers }, async () => {
      while (performance.now() < end) {
        const began = performance.now()
        await once()
        took.push(performance.now() - began)
      }
    }),
  )
  return {
    perSecond: took.length / (durationMs / 1000),
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
  }
}

async function measureBare(dir: string): Promise<Measured> {
  const file = await open(join(dir, 'bare'), 'w')
  const measured = await measure(1, async () => {
    await file.write(event)
    await file.datasync()
  })
  await file.close()
  return measured
}

async function measureLog(dir: string): Promise<Measured> {
  const eventLog = await openEventLog({ dir: join(dir, 'log') })
  const frame: NewFrame = {
    workspaceId: '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10',
    dataSourceId: `t_${'a'.repeat(32)}`,
    schemaVersion: 1,
    requestId: '01JKQ0000000000000000000AA',
    arrivedAtMs: Date.now(),
    idempotencyHash: null,
    rowCount: 1,
    refusedCount: 0,
    rows: event,
    refused: Buffer.alloc(0),
  }
  const measured = await measure(CONNECTIONS, async () => {
    await eventLog.append(frame)
  })
  await eventLog.close()
  return measured
}

/** A product of its own, with its writer and engine loading what is acknowledged. */
async function measureHttp(dataDir: string): Promise<Measured> {
  const product = await startProduct(dataDir)
  const headers = { authorization: `Bearer ${product.token}` }
  const form = new FormData()
  form.append('data_project://', new Blob([DATA_SOURCE]), 'events.datasource')
  const url = `${product.url}/v1/deploy?auto_promote=true`
  const deployed = await (await fetch(url, { method: 'POST', headers, body: form })).text()
  if (!deployed.includes('"success"')) throw new Error(deployed)
  const pool = new Pool(product.url, { connections: CONNECTIONS })
  const measured = await measure(CONNECTIONS, async () => {
    const path = '/v0/events?name=events'
    const { statusCode, body } = await pool.request({ method: 'POST', path, headers, body: event })
    const text = await body.text()
    if (statusCode !== 202) throw new Error(`the server answered ${statusCode}: ${text}`)
  })
  await pool.close()
  await product.stop()
  return measured
}

function print(what: string, { perSecond, p50, p99 }: Measured, bare?: Measured): void {
  console.log(
    `${what.padEnd(36)} ${perSecond.toFixed(0).padStart(6)}/s  p50 ${p50.toFixed(2)}  p99 ${p99.toFixed(2)}`,
  )
  if (bare === undefined) return
  const ratio = (one: number, other: number): string => (one / other).toFixed(1)
  console.log(`  ratio to bare: p50 ${ratio(p50, bare.p50)}, p99 ${ratio(p99, bare.p99)}`)
}
