// The client of the hot path: ClickHouse's HTTP protocol over a pool of kept connections, on a unix socket or TCP.
// It promises that the head of a reply is known to be good, that leaving cancels the query, and that nothing waits without bound.
import { Fault, fault } from '@sandpiper/faults'
import { Pool } from 'undici'

import { readClickHouseError } from './clickhouse-error.ts'
import type { ClickHouse, ClickHouseTarget, QueryReply, QueryRequest } from './client-contract.ts'
import {
  faultOfCancel,
  faultOfDriver,
  faultOfEngine,
  faultOfResultSize,
  faultOfTimeout,
} from './errors.ts'
import { holdHead } from './hold-head.ts'
import { QUERY_TIMEOUT_MS, requestTarget } from './request-target.ts'
import { createSlots } from './slots.ts'

/** Bounds of one client. */
export interface ClickHouseOptions {
  /** Connections open at once; default 16. */
  readonly connectionsMax?: number
  /** Requests waiting for a connection; default 256. Beyond: `server.busy` (503). */
  readonly waitingMax?: number
  /** Milliseconds a reader may take for a body once its head is good; default 120_000. Beyond: the stream is destroyed. */
  readonly drainTimeoutMs?: number
}

/** Bytes of an error text that are read; the rest is dropped. */
const ERROR_BYTES_MAX = 65_536
/** Bytes of one answer of `rows`. */
const ROWS_BYTES_MAX = 16 * 1_048_576
/** The engine ends a query at its limit by itself and says why; we cut it off this much later. */
const GRACE_MS = 1_000

/**
 * Connects to ClickHouse; the first connection is opened by the first request.
 * Every SELECT is sent with readonly=1 and a time limit. Abort and timeout close the connection, which makes the engine kill the query.
 */
export function createClickHouse(
  target: ClickHouseTarget,
  options: ClickHouseOptions = {},
): ClickHouse {
  const connections = options.connectionsMax ?? 16
  const pool = new Pool(target.url, {
    connections,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    // Both are bounded by the signal of each request instead.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(target.socketPath === undefined ? {} : { socketPath: target.socketPath }),
  })
  const slots = createSlots(connections, options.waitingMax ?? 256)
  const headers = authHeaders(target)

  async function send(request: QueryRequest, readonly: boolean): Promise<QueryReply> {
    const timeoutMs = request.timeoutMs ?? QUERY_TIMEOUT_MS
    const deadline = createDeadline(timeoutMs + GRACE_MS, request.signal)
    let release: (() => void) | undefined
    try {
      release = await slots.take(deadline.signal)
      const settings = readonly ? { readonly: 1, ...request.settings } : (request.settings ?? {})
      const reply = await pool.request({
        path: requestTarget({ ...request, settings }),
        method: 'POST',
        headers,
        body: request.sql,
        signal: deadline.signal,
      })
      const replyHeaders = flatHeaders(reply.headers)
      if (reply.statusCode !== 200) {
        const text = await readText(reply.body, ERROR_BYTES_MAX)
        throw faultOfEngine(readClickHouseError(text, replyHeaders['x-clickhouse-exception-code']))
      }
      const head = await holdHead(reply.body, {
        exceptionTag: replyHeaders['x-clickhouse-exception-tag'],
        bytesMax: resultBytesMax(settings),
      })
      if (head.rest === null) {
        release()
        deadline.stop()
        const whole = Buffer.concat(head.held)
        return { headers: replyHeaders, whole, body: once(whole) }
      }
      // A reader that never starts, or stops for good, must not hold the connection for ever.
      deadline.extend(options.drainTimeoutMs ?? 120_000, release)
      const body = untilDone(
        { held: [...head.held], rest: head.rest },
        release,
        deadline,
        timeoutMs,
      )
      return { headers: replyHeaders, whole: null, body }
    } catch (err) {
      release?.()
      deadline.stop()
      throw translate(err, deadline, request.signal, timeoutMs)
    }
  }

  async function all(request: QueryRequest, readonly: boolean, bytesMax: number): Promise<Buffer> {
    const reply = await send(request, readonly)
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of reply.body) {
      bytes += chunk.byteLength
      if (bytes > bytesMax) throw faultOfResultSize(bytesMax)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }

  return {
    query: (request) => send(request, true),
    async rows<Row>(request: Omit<QueryRequest, 'format'>): Promise<Row[]> {
      const settings = {
        ...request.settings,
        output_format_json_quote_64bit_integers: 1,
        output_format_json_quote_denormals: 1,
      }
      const text = (
        await all({ ...request, settings, format: 'JSONEachRow' }, true, ROWS_BYTES_MAX)
      ).toString('utf8')
      const lines = text.split('\n').filter((line) => line !== '')
      return lines.map((line) => JSON.parse(line) as Row)
    },
    async command(request) {
      await all({ ...request, format: 'TabSeparated' }, false, ROWS_BYTES_MAX)
    },
    ping: () => ping(pool),
    // Not close(): waiting for queries that run for minutes would hold up a shutdown.
    close: () => pool.destroy(),
  }
}

function resultBytesMax(settings: Readonly<Record<string, string | number>>): number {
  const max = Number(settings['max_result_bytes'] ?? 0)
  return max > 0 ? max : Infinity
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

function authHeaders(target: ClickHouseTarget): Record<string, string> {
  return {
    'content-type': 'text/plain; charset=utf-8',
    ...(target.username === undefined ? {} : { 'x-clickhouse-user': target.username }),
    ...(target.password === undefined ? {} : { 'x-clickhouse-key': target.password }),
  }
}

function flatHeaders(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}

async function readText(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    if (bytes < bytesMax) chunks.push(chunk)
    bytes += chunk.byteLength
  }
  return Buffer.concat(chunks).subarray(0, bytesMax).toString('utf8')
}

async function* once(whole: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
  if (whole.byteLength > 0) yield whole
}

async function* untilDone(
  head: { held: Uint8Array[]; rest: AsyncIterator<Uint8Array> },
  release: () => void,
  deadline: Deadline,
  timeoutMs: number,
): AsyncGenerator<Uint8Array> {
  try {
    for (let chunk = head.held.shift(); chunk !== undefined; chunk = head.held.shift()) yield chunk
    for (let next = await head.rest.next(); next.done !== true; next = await head.rest.next()) {
      yield next.value
    }
  } catch (err) {
    throw translate(err, deadline, undefined, timeoutMs)
  } finally {
    deadline.stop()
    release()
    // When the reader stopped early this closes the connection, and so cancels the query.
    await head.rest.return?.()
  }
}

function translate(
  err: unknown,
  deadline: Deadline,
  signal: AbortSignal | undefined,
  timeoutMs: number,
): unknown {
  if (err instanceof Fault) return err
  if (signal?.aborted === true) return faultOfCancel()
  if (deadline.passed()) return faultOfTimeout(Math.ceil(timeoutMs / 1000))
  if (deadline.signal.aborted) return faultOfCancel()
  const known = faultOfDriver(err)
  if (known instanceof Fault) return known
  return fault('engine.unavailable', {
    public: 'The query engine broke off its answer. Try again in a second.',
    internal: err instanceof Error ? err.message : 'unknown',
    cause: err,
    headers: { 'Retry-After': '1' },
  })
}

interface Deadline {
  readonly signal: AbortSignal
  passed(): boolean
  /** Starts anew; when it passes, `also` is called too. */
  extend(ms: number, also: () => void): void
  stop(): void
}

// One timer and one listener per query; AbortSignal.any would keep both alive until garbage collection.
function createDeadline(ms: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  let passed = false
  const onCall = (): void => {
    controller.abort()
  }
  const onTime = (): void => {
    passed = true
    controller.abort()
  }
  if (caller?.aborted === true) controller.abort()
  caller?.addEventListener('abort', onCall, { once: true })
  let timer = setTimeout(onTime, ms)
  return {
    signal: controller.signal,
    passed: () => passed,
    extend(more, also) {
      clearTimeout(timer)
      timer = setTimeout(() => {
        onTime()
        also()
      }, more)
    },
    stop() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', onCall)
    },
  }
}
