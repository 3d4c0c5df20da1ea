// What an endpoint adds to its query: its answer over HTTP, against the same SQL sent straight to the engine's socket, in one run.
import { join } from 'node:path'

import { Pool } from 'undici'

import { withProduct, type BenchProduct } from '../ingest/bench-product.ts'
import type { Ladder } from '../ingest/ladder.ts'
import { quantile } from '../machine.ts'
import { fill, hourOf, QUERY_PROJECT, straightSql } from './query-project.ts'

interface Target {
  readonly name: string
  readonly once: (index: number) => Promise<void>
}

const ROUNDS = 6
/** Requests of each kind before the first is measured: so many until the compilers of the processes have nothing left to do. */
const WARM_UP = 2_000
const WARM_UP_CONNECTIONS = 8

/** Over a materialized view and `SELECT 1`, with one connection and sixteen. */
export const endpoint: Ladder = ({ seconds }) =>
  withProduct(async (product) => {
    const table = await fill((sql) => product.engine(sql))
    const engine = enginePool(product)
    const api = new Pool(product.url, { connections: 16 })
    const view = {
      straight: target('view, straight', (n) => post(engine, straightSql(table, n))),
      endpoint: target('view, endpoint', (n) => get(api, product, viewPath(n))),
    }
    const one = {
      straight: target('SELECT 1, straight', () => post(engine, 'SELECT 1 AS one')),
      endpoint: target('SELECT 1, endpoint', () => get(api, product, '/v0/pipes/one.json')),
    }
    try {
      for (const { straight, endpoint } of [view, one])
        for (const each of [straight, endpoint]) await warmUp(each)
      for (const connections of [1, 16]) {
        for (const pair of [view, one])
          await compare(product, pair.straight, pair.endpoint, connections, seconds)
      }
    } finally {
      await Promise.all([engine.close(), api.close()])
    }
  }, QUERY_PROJECT)

/** Request target of the endpoint over the view. */
export function viewPath(n: number): string {
  return `/v0/pipes/top_pages.json?${new URLSearchParams(hourOf(n)).toString()}`
}

/** Connections straight to the engine. */
function enginePool(product: BenchProduct): Pool {
  const socketPath = join(product.dataDir, 'run/engine/engine.sock')
  return new Pool('http://engine', { socketPath, connections: 16 })
}

function target(name: string, once: Target['once']): Target {
  return { name, once }
}

/** In turns, so that a noisy neighbour hits both. */
async function compare(
  product: BenchProduct,
  base: Target,
  other: Target,
  connections: number,
  seconds: number,
): Promise<void> {
  const took: Record<'base' | 'other', number[]> = { base: [], other: [] }
  const cpu: Record<'base' | 'other', Record<string, number>> = { base: {}, other: {} }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of ['base', 'other'] as const) {
      const before = product.cpu()
      took[side].push(
        ...(await measure(side === 'base' ? base : other, connections, seconds / ROUNDS / 4)),
      )
      for (const [part, used] of Object.entries(product.cpu()))
        cpu[side][part] = (cpu[side][part] ?? 0) + used - (before[part] ?? 0)
    }
  }
  print(base.name, connections, took.base, cpu.base)
  print(other.name, connections, took.other, cpu.other)
  const added = quantile(took.other, 0.5) - quantile(took.base, 0.5)
  const ratio = quantile(took.other, 0.5) / quantile(took.base, 0.5)
  console.log(`  p50 x ${ratio.toFixed(2)}, + ${added.toFixed(2)} ms`)
}

async function warmUp({ once }: Target): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < WARM_UP) await once(next++)
  }
  await Promise.all(Array.from({ length: WARM_UP_CONNECTIONS }, worker))
}

async function measure(target: Target, connections: number, seconds: number): Promise<number[]> {
  const took: number[] = []
  const until = performance.now() + seconds * 1_000
  let next = 0
  const worker = async (): Promise<void> => {
    for (let now = performance.now(); now < until; now = performance.now()) {
      await target.once(next++)
      took.push(performance.now() - now)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  return took
}

function print(
  name: string,
  connections: number,
  took: readonly number[],
  cpu: Readonly<Record<string, number>>,
): void {
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(took, share).toFixed(2))
  const parts = ['main', 'engine'].map(
    (part) => `${part} ${(((cpu[part] ?? 0) * 1e3) / took.length).toFixed(2)}`,
  )
  console.log(
    `${name.padEnd(20)} ${String(connections).padStart(2)} connections  p50 ${p50 ?? ''}  p99 ${p99 ?? ''} ms, ${took.length} requests, CPU ms each: ${parts.join(', ')}`,
  )
}

async function get(api: Pool, product: BenchProduct, path: string): Promise<void> {
  const headers = { authorization: `Bearer ${product.token}` }
  await answered(await api.request({ path, method: 'GET', headers }), path)
}

async function post(engine: Pool, sql: string): Promise<void> {
  const asked = { path: '/?default_format=JSON', method: 'POST', body: sql } as const
  await answered(await engine.request(asked), sql)
}

async function answered(
  { statusCode, body }: Awaited<ReturnType<Pool['request']>>,
  what: string,
): Promise<void> {
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`${what}: ${statusCode} ${text.slice(0, 500)}`)
}
