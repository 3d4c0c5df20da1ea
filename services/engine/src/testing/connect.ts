// An engine for one test file, and the unmodified official client speaking to it over kept connections.
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { startEngine, type RunningEngine } from '@sandpiper/testkit'
import { Agent } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface Connected {
  readonly engine: RunningEngine
  readonly agent: Agent
  readonly client: ClickHouseClient
  rows<Row>(query: string, options?: object): Promise<Row[]>
  /** How many queries of this shape the engine runs now. */
  running(like: string): Promise<number>
  /** Stops the engine. @returns its exit code. */
  close(): Promise<number | null>
}

/** Starts an engine with an empty database `w`. */
export async function connect(): Promise<Connected> {
  const engine = await startEngine()
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const client = createClient({
    url: engine.url,
    http_agent: agent,
    request_timeout: 30_000,
    // Failures are what many tests ask for.
    log: { level: ClickHouseLogLevel.OFF },
  })
  await client.command({ query: 'CREATE DATABASE w ENGINE = Atomic' })
  const rows = async <Row>(query: string, options: object = {}): Promise<Row[]> =>
    (await client.query({ query, format: 'JSONEachRow', ...options })).json<Row>()
  return {
    ...{ engine, agent, client, rows },
    async running(like) {
      const [found] = await rows<{ n: string }>(
        "SELECT toString(count()) AS n FROM system.processes WHERE query LIKE {like:String} AND query NOT LIKE '%system.processes%'",
        { query_params: { like } },
      )
      return Number(found?.n)
    },
    async close() {
      await client.close()
      agent.destroy()
      return engine.stop()
    },
  }
}

/** A query that runs until it is stopped. */
export const ENDLESS = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 3'

/** Asks again and again until it is true. @throws Error after 20 s. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 20_000
  while (!(await isTrue())) {
    if (Date.now() > giveUpAt) throw new Error('it did not come true within 20 s')
    await nextTurn()
  }
}

export async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
