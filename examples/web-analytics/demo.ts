// Deploys this project to a running server, sends a day of traffic and shows what the endpoints answer.
import { performance } from 'node:perf_hooks'
import { call, connect, deployProject, select, type Server } from './server.ts'
import { dayOfTraffic } from './traffic.ts'

const EVENTS = 100_000
const BATCH = 1_000
const IN_FLIGHT = 4
const VISIBLE_WITHIN_MS = 120_000
const CALLS = 10
const ENDPOINTS = [
  ['kpis', {}],
  ['top_pages', { limit: '5' }],
  ['top_sources', { dimensions: 'source,device', limit: '5' }],
  ['trend', { minutes: '10' }],
  ['current_visitors', {}],
] as const satisfies readonly (readonly [string, Record<string, string>])[]

try {
  await demo(process.env['SANDPIPER_URL'] ?? 'http://127.0.0.1:7181')
} catch (err) {
  console.error(`\n${err instanceof Error ? err.message : String(err)}`)
  process.exitCode = 1
}

async function demo(url: string): Promise<void> {
  const server = await connect(url)
  console.log(`Deploying examples/web-analytics to ${url}`)
  console.log(`  ${await deployProject(server)}`)

  const before = await countEvents(server)
  console.log(`Sending ${EVENTS.toLocaleString('en')} events of the last 24 hours`)
  const started = performance.now()
  await sendDay(server, before)
  const sent = performance.now()
  await untilVisible(server, before + EVENTS)
  const perSecond = Math.round(EVENTS / ((sent - started) / 1000)).toLocaleString('en')
  const seconds = ((performance.now() - sent) / 1000).toFixed(1)
  console.log(`  ${perSecond} events/s acknowledged; all visible ${seconds} s after the last one`)

  for (const [name, params] of ENDPOINTS) await show(server, name, params)
}

async function sendDay(server: Server, before: number): Promise<void> {
  // Another seed each time, so that a second run adds other sessions.
  const views = dayOfTraffic({ events: EVENTS, endsAtMs: Date.now(), seed: before + 1 })
  let next = 0
  let acknowledged = 0
  const send = async (): Promise<void> => {
    while (next < views.length) {
      const batch = views.slice(next, next + BATCH)
      next += BATCH
      const body = batch.map((view) => JSON.stringify(view)).join('\n')
      const path = '/v0/events?name=events'
      const answer = await call<{ successful_rows: number; quarantined_rows: number }>(
        server,
        path,
        { method: 'POST', body },
      )
      if (answer.successful_rows !== batch.length) {
        throw new Error(`Only ${answer.successful_rows} of ${batch.length} rows were accepted.`)
      }
      acknowledged += batch.length
      drawProgress(acknowledged)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, send))
}

function drawProgress(done: number): void {
  const width = 40
  const filled = Math.round((done / EVENTS) * width)
  const bar = '#'.repeat(filled) + '.'.repeat(width - filled)
  const count = done.toLocaleString('en').padStart(7)
  if (process.stdout.isTTY) process.stdout.write(`\r  [${bar}] ${count}`)
  if (done === EVENTS) process.stdout.write(process.stdout.isTTY ? '\n' : `  [${bar}] ${count}\n`)
}

async function countEvents(server: Server): Promise<number> {
  const [row] = await select<{ events: number }>(server, 'SELECT count() AS events FROM events')
  return row?.events ?? 0
}

async function untilVisible(server: Server, wanted: number): Promise<void> {
  const until = performance.now() + VISIBLE_WITHIN_MS
  for (;;) {
    const count = await countEvents(server)
    if (count >= wanted) return
    if (performance.now() > until) {
      const waited = VISIBLE_WITHIN_MS / 1000
      throw new Error(`Only ${count} of ${wanted} events are visible after ${waited} s.`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function show(
  server: Server,
  name: string,
  params: Readonly<Record<string, string>>,
): Promise<void> {
  const query = new URLSearchParams(params)
  const path = `/v0/pipes/${name}.json?${query.toString()}`
  const times: number[] = []
  let rows: Record<string, unknown>[] = []
  for (let run = 0; run < CALLS; run += 1) {
    const started = performance.now()
    rows = (await call<{ data: Record<string, unknown>[] }>(server, path)).data
    times.push(performance.now() - started)
  }
  const first = (times[0] ?? 0).toFixed(1)
  const median = (times.sort((a, b) => a - b)[Math.floor(CALLS / 2)] ?? 0).toFixed(1)
  const answer = `${rows.length} rows, first call ${first} ms, median of ${CALLS} ${median} ms`
  console.log(`\n${name} ${query.toString()} (${answer})`)
  printTable(rows.slice(0, 5))
}

function printTable(rows: readonly Record<string, unknown>[]): void {
  const names = Object.keys(rows[0] ?? {})
  const cells = [names, ...rows.map((row) => names.map((name) => String(row[name])))]
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  for (const row of cells) {
    console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`)
  }
}
