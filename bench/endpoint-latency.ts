// What an endpoint adds to its query: its answer over HTTP, against the same SQL sent straight to the engine's socket, in one run.
//   tsx bench/endpoint-latency.ts [--requests 1000] [--rows 1000000]
// Starts a server of its own on a temporary data directory, deploys a data source and two endpoints, fills the table through the engine.
import { parseArgs } from 'node:util'

import { startSandpiper } from '@sandpiper/testkit'
import { Pool } from 'undici'

import { printMachine, quantile } from './machine.ts'

const { values: args } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000' },
    rows: { type: 'string', default: '1000000' },
  },
})
const requests = Number(args.requests)
const rows = Number(args.rows)

const PROJECT = {
  'bench_events.datasource': `SCHEMA >
    day Date \`json:$.day\`,
    page String \`json:$.page\`,
    visitor UInt64 \`json:$.visitor\`

ENGINE MergeTree
ENGINE_SORTING_KEY day, page
`,
  'bench_day.pipe': `NODE top
SQL >
    %
    SELECT page, count() AS views, uniq(visitor) AS visitors
    FROM bench_events
    WHERE day = {{Date(day, '2026-01-01')}}
    GROUP BY page
    ORDER BY views DESC
    LIMIT 10

TYPE endpoint
`,
  'bench_one.pipe': `NODE one
SQL >
    SELECT 1 AS one

TYPE endpoint
`,
}

/** What the endpoint's template compiles to, over the table as the engine calls it. */
const straightSql = (table: string, day: string): string =>
  `SELECT page, count() AS views, uniq(visitor) AS visitors FROM ${table} WHERE day = toDate('${day}') GROUP BY page ORDER BY views DESC LIMIT 10`

interface Target {
  readonly name: string
  once(index: number): Promise<void>
}

printMachine('Endpoint latency, milliseconds')
const server = await startSandpiper()
const api = new Pool(server.url, { connections: 16 })
const engine = new Pool('http://engine', {
  socketPath: `${server.dataDir}/run/engine/engine.sock`,
  connections: 16,
})
try {
  await deploy()
  const table = await fill()
  console.log(`table    ${rows} rows, 365 days`)
  const dayOf = (index: number): string =>
    new Date(Date.UTC(2026, 0, 1 + (index % 365))).toISOString().slice(0, 10)
  const straight: Target = {
    name: 'straight to the engine',
    once: (index) => sql(straightSql(table, dayOf(index))).then(ignore),
  }
  const endpoint: Target = {
    name: 'endpoint',
    once: (index) => get(`/v0/pipes/bench_day.json?day=${dayOf(index)}`),
  }
  const one: Target = { name: 'SELECT 1 straight', once: () => sql('SELECT 1 AS one').then(ignore) }
  const oneEndpoint: Target = {
    name: 'SELECT 1 endpoint',
    once: () => get('/v0/pipes/bench_one.json'),
  }
  for (const connections of [1, 16]) {
    await compare(straight, endpoint, connections)
    await compare(one, oneEndpoint, connections)
  }
} finally {
  await api.close()
  await engine.close()
  await server.stop()
}

async function compare(base: Target, other: Target, connections: number): Promise<void> {
  // In turns, so that a noisy neighbour hits both.
  const took: [number[], number[]] = [[], []]
  for (let round = 0; round < 5; round++) {
    took[0].push(...(await measure(base, connections, requests / 5)))
    took[1].push(...(await measure(other, connections, requests / 5)))
  }
  print(base.name, connections, took[0])
  print(other.name, connections, took[1])
  const ratio = quantile(took[1], 0.5) / quantile(took[0], 0.5)
  const added = quantile(took[1], 0.5) - quantile(took[0], 0.5)
  console.log(`  p50 ratio ${ratio.toFixed(2)}, added ${added.toFixed(2)} ms`)
}

async function measure(target: Target, connections: number, count: number): Promise<number[]> {
  for (let index = 0; index < 20; index++) await target.once(index)
  const took: number[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const started = performance.now()
      await target.once(next++)
      took.push(performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  return took
}

function print(name: string, connections: number, took: readonly number[]): void {
  const p50 = quantile(took, 0.5).toFixed(2)
  const p99 = quantile(took, 0.99).toFixed(2)
  console.log(`${name.padEnd(24)} ${connections} connections  p50 ${p50}  p99 ${p99}`)
}

async function get(path: string): Promise<void> {
  const headers = { authorization: `Bearer ${server.tokens.workspace_admin_token}` }
  const { statusCode, body } = await api.request({ path, method: 'GET', headers })
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${text.slice(0, 500)}`)
}

async function sql(text: string): Promise<string> {
  const { statusCode, body } = await engine.request({
    path: '/?default_format=JSON',
    method: 'POST',
    body: text,
  })
  const answer = await body.text()
  if (statusCode !== 200) throw new Error(`${statusCode} ${answer.slice(0, 500)}`)
  return answer
}

function ignore(): void {
  // The body has been read: that is what is measured.
}

async function deploy(): Promise<void> {
  const form = new FormData()
  for (const [name, text] of Object.entries(PROJECT)) {
    form.append('data_project://', new Blob([text], { type: 'text/plain' }), name)
  }
  const answer = await fetch(`${server.url}/v1/build`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.tokens.workspace_admin_token}` },
    body: form,
  })
  const text = await answer.text()
  if (!answer.ok || !text.includes('"success"')) throw new Error(`build: ${answer.status} ${text}`)
}

/** Fills the table behind the data source and gives its name in the engine. */
async function fill(): Promise<string> {
  const found = JSON.parse(
    await sql(
      "SELECT concat(database, '.', table) AS t FROM system.columns WHERE database LIKE 'ws\\\\_%' AND name = 'visitor' AND table NOT LIKE '%quarantine'",
    ),
  ) as { data: { t: string }[] }
  const table = found.data[0]?.t
  if (table === undefined) throw new Error('the table of bench_events was not found')
  await sql(
    `INSERT INTO ${table} SELECT toDate('2026-01-01') + number % 365, concat('/page/', toString(cityHash64(number) % 500)), cityHash64(number) % 100000 FROM numbers(${rows})`,
  )
  return table
}
