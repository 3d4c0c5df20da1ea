// How long an acknowledgement takes: one-event appends from 64 producers, against a bare write + fdatasync on the same disk in the same
// run. With `--url <base> --token <token> --datasource <name>` it posts to a running server's Events API as well.
//   tsx bench/ack-latency.ts [--seconds 5] [--dir <folder on the disk to measure>] [--url ... --token ... --datasource ...]
import { execFileSync } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type NewFrame, openEventLog } from '@sandpiper/eventlog'
import { Pool } from 'undici'

const CONNECTIONS = 64
const { values: args } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    dir: { type: 'string', default: tmpdir() },
    url: { type: 'string' },
    token: { type: 'string', default: '' },
    datasource: { type: 'string', default: 'events' },
  },
})
const durationMs = Number(args.seconds) * 1000
const event = Buffer.from(
  `${JSON.stringify({ timestamp: '2026-11-21 12:00:00', session_id: 'a'.repeat(36), payload: 'x'.repeat(300) })}\n`,
)

printMachine()
const folder = await mkdtemp(join(args.dir, 'ack-latency-'))
const raw = await measureBare(folder)
print('bare write + fdatasync, 1 producer', raw)
const log = await measureLog(folder)
print(`event log, ${CONNECTIONS} producers`, log)
printRatio('event log', log, raw)
if (args.url !== undefined) {
  const http = await measureHttp(args.url)
  print(`POST /v0/events, ${CONNECTIONS} connections`, http)
  printRatio('POST /v0/events', http, raw)
}
await rm(folder, { recursive: true, force: true })

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
  took.sort((a, b) => a - b)
  const at = (share: number): number => took[Math.floor(took.length * share)] ?? 0
  return { perSecond: took.length / (durationMs / 1000), p50: at(0.5), p99: at(0.99) }
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

async function measureHttp(url: string): Promise<Measured> {
  const pool = new Pool(url, { connections: CONNECTIONS })
  const measured = await measure(CONNECTIONS, async () => {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: `/v0/events?name=${encodeURIComponent(args.datasource)}`,
      headers: { authorization: `Bearer ${args.token}` },
      body: event,
    })
    const text = await body.text()
    if (statusCode !== 202) throw new Error(`the server answered ${statusCode}: ${text}`)
  })
  await pool.close()
  return measured
}

function printMachine(): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const gib = Math.round(totalmem() / 1024 ** 3)
  console.log(
    `${cpus()[0]?.model ?? 'cpu'} x ${cpus().length}, ${gib} GiB, Node ${process.version}, commit ${commit}`,
  )
}

function print(what: string, { perSecond, p50, p99 }: Measured): void {
  console.log(
    `${what}: ${Math.round(perSecond)}/s, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
  )
}

function printRatio(what: string, measured: Measured, bare: Measured): void {
  console.log(
    `  ${what} against bare: p50 x ${(measured.p50 / bare.p50).toFixed(1)}, p99 x ${(measured.p99 / bare.p99).toFixed(1)}`,
  )
}
