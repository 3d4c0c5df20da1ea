// The client of the hot path: ClickHouse's HTTP protocol over a pool of kept connections, on a unix socket or TCP.
// It promises that the head of a reply is known to be good, that leaving cancels the query, and that nothing waits without bound.
import { Pool } from 'undici'

import type { ClickHouse, ClickHouseTarget, QueryRequest } from './client-contract.ts'
import { faultOfResultSize } from './errors.ts'
import { createKiller } from './kill-query.ts'
import { authHeaders, sendQuery, type Sender } from './send-query.ts'
import { createSlots } from './slots.ts'

/** Bounds of one client. */
export interface ClickHouseOptions {
  /** Queries sent at once; default 16. */
  readonly connectionsMax?: number
  /** Queries waiting for a connection; default 256. Beyond: `server.busy` (503). */
  readonly waitingMax?: number
  /** Milliseconds a reader may take for a body once its head is good; default 120_000. Beyond: the stream is destroyed. */
  readonly drainTimeoutMs?: number
}

/** Bytes of one answer of `rows`. */
const ROWS_BYTES_MAX = 16 * 1_048_576

/**
 * Connects to ClickHouse; the first connection is opened by the first request.
 * Every SELECT is sent with readonly=1 and a time limit. Abort and timeout close the connection, which makes the engine kill the query;
 * a server is told to kill it.
 */
export function createClickHouse(
  target: ClickHouseTarget,
  options: ClickHouseOptions = {},
): ClickHouse {
  const connections = options.connectionsMax ?? 16
  const pool = createPool(target, connections)
  const sender: Sender = {
    pool,
    target,
    slots: createSlots(connections, options.waitingMax ?? 256),
    drainTimeoutMs: options.drainTimeoutMs ?? 120_000,
    killer: target.loadsFiles ? null : createKiller(pool, authHeaders(target)),
  }
  return {
    query: (request) => sendQuery(sender, reading(request)),
    async rows<Row>(request: Omit<QueryRequest, 'format'>): Promise<Row[]> {
      const settings = {
        ...request.settings,
        output_format_json_quote_64bit_integers: 1,
        output_format_json_quote_denormals: 1,
      }
      const text = await readAll(sender, reading({ ...request, settings, format: 'JSONEachRow' }))
      const lines = text.split('\n').filter((line) => line !== '')
      return lines.map((line) => JSON.parse(line) as Row)
    },
    async command(request) {
      await readAll(sender, { ...request, format: 'TabSeparated' })
    },
    async insert({ data, ...request }) {
      await readAll(sender, { ...request, format: 'TabSeparated' }, data)
    },
    ping: () => ping(pool),
    // Not close(): waiting for queries that run for minutes would hold up a shutdown.
    close: () => pool.destroy(),
  }
}

function createPool(target: ClickHouseTarget, connections: number): Pool {
  return new Pool(target.url, {
    // More than queries: a ping or a KILL must not wait behind them.
    connections: connections + (target.loadsFiles ? 1 : 3),
    pipelining: 1,
    keepAliveTimeout: 30_000,
    // Both are bounded by the signal of each request instead.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(target.socketPath === undefined ? {} : { socketPath: target.socketPath }),
    ...(target.ca === undefined ? {} : { connect: { ca: target.ca } }),
  })
}

function reading(request: QueryRequest): QueryRequest {
  const { settings } = request
  if (settings !== undefined && Object.hasOwn(settings, 'readonly')) return request
  return { ...request, settings: { readonly: 1, ...settings } }
}

async function readAll(
  sender: Sender,
  request: QueryRequest,
  data: AsyncIterable<Uint8Array> | null = null,
): Promise<string> {
  const { body } = await sendQuery(sender, request, data)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > ROWS_BYTES_MAX) throw faultOfResultSize(ROWS_BYTES_MAX)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function ping(pool: Pool): Promise<boolean> {
  try {
    const reply = await pool.request({
      path: '/ping',
      method: 'GET',
      signal: AbortSignal.timeout(1_000),
    })
    await reply.body.dump()
    return reply.statusCode === 200
  } catch {
    return false
  }
}
