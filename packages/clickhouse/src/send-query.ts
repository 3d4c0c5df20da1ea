// One request to ClickHouse: waiting for a connection, sending, and a reply whose head is known to be good.
import { Fault, fault } from '@sandpiper/faults'
import type { Dispatcher, Pool } from 'undici'

import { readClickHouseError } from './clickhouse-error.ts'
import type { ClickHouseTarget, QueryReply, QueryRequest } from './client-contract.ts'
import { createDeadline, type Deadline } from './deadline.ts'
import { faultOfCancel, faultOfDriver, faultOfEngine, faultOfTimeout } from './errors.ts'
import { holdHead, type HeldHead } from './hold-head.ts'
import { QUERY_TIMEOUT_MS, requestTarget } from './request-target.ts'
import type { Slots } from './slots.ts'

/** What one client sends with. */
export interface Sender {
  readonly pool: Pool
  readonly slots: Slots
  readonly target: ClickHouseTarget
  /** Milliseconds a reader may take for a body once its head is good. */
  readonly drainTimeoutMs: number
}

/** Bytes of an error text that are read; the rest is dropped. */
const ERROR_BYTES_MAX = 65_536
/** The engine ends a query at its limit by itself and says why; we cut it off this much later. */
const GRACE_MS = 1_000

/** Sends a request with exactly its own settings. @throws the faults of ClickHouse.query. */
export async function sendQuery(sender: Sender, request: QueryRequest): Promise<QueryReply> {
  const timeoutMs = request.timeoutMs ?? QUERY_TIMEOUT_MS
  const deadline = createDeadline(timeoutMs + GRACE_MS, request.signal)
  let giveBack: (() => void) | undefined
  const release = (): void => {
    giveBack?.()
    request.released?.()
  }
  try {
    giveBack = await sender.slots.take(deadline.signal)
    const { reply, headers } = await post(sender, request, deadline.signal)
    const head = await holdHead(reply.body, {
      exceptionTag: headers['x-clickhouse-exception-tag'],
      bytesMax: resultBytesMax(request),
    })
    if (head.rest === null) {
      release()
      deadline.stop()
      const whole = Buffer.concat(head.held)
      return { headers, whole, body: once(whole) }
    }
    // A reader that never starts, or stops for good, must not hold the connection for ever.
    deadline.extend(sender.drainTimeoutMs, release)
    return { headers, whole: null, body: untilDone(head, release, deadline, timeoutMs) }
  } catch (err) {
    release()
    deadline.stop()
    throw translate(err, deadline, request.signal, timeoutMs)
  }
}

interface Posted {
  readonly reply: Dispatcher.ResponseData
  readonly headers: Readonly<Record<string, string>>
}

async function post(sender: Sender, request: QueryRequest, signal: AbortSignal): Promise<Posted> {
  const reply = await sender.pool.request({
    path: requestTarget(request),
    method: 'POST',
    headers: authHeaders(sender.target),
    body: request.sql,
    signal,
  })
  const headers = flatHeaders(reply.headers)
  if (reply.statusCode === 200) return { reply, headers }
  const text = await readText(reply.body, ERROR_BYTES_MAX)
  throw faultOfEngine(readClickHouseError(text, headers['x-clickhouse-exception-code']))
}

function resultBytesMax({ settings }: QueryRequest): number {
  const max = Number(settings?.['max_result_bytes'] ?? 0)
  return max > 0 ? max : Infinity
}

function authHeaders({ username, password }: ClickHouseTarget): Record<string, string> {
  return {
    'content-type': 'text/plain; charset=utf-8',
    ...(username === undefined ? {} : { 'x-clickhouse-user': username }),
    ...(password === undefined ? {} : { 'x-clickhouse-key': password }),
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
  head: HeldHead,
  release: () => void,
  deadline: Deadline,
  timeoutMs: number,
): AsyncGenerator<Uint8Array> {
  const held = [...head.held]
  try {
    for (let chunk = held.shift(); chunk !== undefined; chunk = held.shift()) yield chunk
    for (let next = await head.rest?.next(); next?.done === false; next = await head.rest?.next()) {
      yield next.value
    }
  } catch (err) {
    throw translate(err, deadline, undefined, timeoutMs)
  } finally {
    deadline.stop()
    release()
    // When the reader stopped early this closes the connection, and so cancels the query.
    await head.rest?.return?.()
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
