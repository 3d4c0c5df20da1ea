// One request to ClickHouse: waiting for a connection, sending, and a reply whose head is known to be good.
import { Fault, fault } from '@sandpiper/faults'
import { Readable } from 'node:stream'
import type { Pool } from 'undici'

import { readClickHouseError } from './clickhouse-error.ts'
import type { ClickHouseTarget, QueryReply, QueryRequest } from './client-contract.ts'
import { createDeadline, type Deadline } from './deadline.ts'
import {
  faultOfCancel,
  faultOfDriver,
  faultOfEngine,
  faultOfForeignAnswer,
  faultOfResultSize,
  faultOfTimeout,
} from './errors.ts'
import { HEAD_BYTES_MAX, holdHead, type HeldHead } from './hold-head.ts'
import { sendRequest, type Beginning } from './incoming-reply.ts'
import type { Killer } from './kill-query.ts'
import { QUERY_TIMEOUT_MS, requestTarget } from './request-target.ts'
import type { Slots } from './slots.ts'

/** What one client sends with. */
export interface Sender {
  readonly pool: Pool
  readonly slots: Slots
  readonly target: ClickHouseTarget
  /** Milliseconds a reader may take for a body once its head is good. */
  readonly drainTimeoutMs: number
  /** null where a closed connection ends its query. */
  readonly killer: Killer | null
}

/** Bytes of an error text that are read; the rest is dropped. */
const ERROR_BYTES_MAX = 65_536
/** The engine ends a query at its limit by itself and says why; we cut it off this much later. */
const GRACE_MS = 1_000

/**
 * Sends a request with exactly its own settings.
 * @param data rows of an INSERT; then the SQL travels in the URL. @throws the faults of ClickHouse.query.
 */
export async function sendQuery(
  sender: Sender,
  asked: QueryRequest,
  data: AsyncIterable<Uint8Array> | null = null,
): Promise<QueryReply> {
  const request = named(sender, asked)
  const timeoutMs = request.timeoutMs ?? QUERY_TIMEOUT_MS
  const deadline = createDeadline(timeoutMs + GRACE_MS, request.signal)
  let giveBack: (() => void) | undefined
  const release = (how?: 'answered'): void => {
    giveBack?.()
    request.released?.(how)
  }
  try {
    giveBack = await sender.slots.take(deadline.signal)
    const beginning = await post(sender, request, data, deadline)
    const { headers } = beginning
    const head = await goodHead(beginning, resultBytesMax(request))
    if (head.rest === null) {
      release('answered')
      deadline.stop()
      const [first] = head.held
      const whole = first !== undefined && head.held.length === 1 ? first : Buffer.concat(head.held)
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

/** What may have to be killed needs a name. */
function named({ killer }: Sender, request: QueryRequest): QueryRequest {
  if (killer === null || request.queryId !== undefined) return request
  return { ...request, queryId: killer.newId() }
}

async function post(
  { pool, target, killer }: Sender,
  request: QueryRequest,
  data: AsyncIterable<Uint8Array> | null,
  { signal }: Deadline,
): Promise<Beginning> {
  const path = requestTarget(request, { inUrl: data !== null, isServer: killer !== null })
  const body = data === null ? request.sql : Readable.from(data, { objectMode: false })
  const asked = { path, method: 'POST', headers: authHeaders(target), body } as const
  const incoming = sendRequest(pool, asked, HEAD_BYTES_MAX)
  const leave = (): void => {
    incoming.abort(new Error('the query was given up'))
    if (killer !== null && request.queryId !== undefined) killer.kill(request.queryId)
  }
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave)
  const beginning = await incoming.beginning
  const answered = beginning.headers['x-clickhouse-query-id']
  if (killer !== null && answered !== undefined && answered !== request.queryId) {
    // An answer that came twice on its way would be read as that of the next statement.
    incoming.abort(new Error('the answer is that of another query'))
    throw faultOfForeignAnswer()
  }
  if (beginning.statusCode === 200) return beginning
  incoming.abort(new Error('the query failed'))
  const text = Buffer.concat(beginning.held).subarray(0, ERROR_BYTES_MAX).toString('utf8')
  const code = beginning.headers['x-clickhouse-exception-code']
  throw faultOfEngine(readClickHouseError(text, code))
}

/** An answer that ended is looked at in one piece, unless its server marks errors inside of answers. */
function goodHead(
  { headers, held, bytes, rest }: Beginning,
  bytesMax: number,
): HeldHead | Promise<HeldHead> {
  const exceptionTag = headers['x-clickhouse-exception-tag']
  if (rest !== null) return holdHead(rest, { exceptionTag, bytesMax })
  if (exceptionTag !== undefined) return holdHead(inTurn(held), { exceptionTag, bytesMax })
  if (bytes > bytesMax) throw faultOfResultSize(bytesMax)
  return { held, rest: null }
}

function resultBytesMax({ settings }: QueryRequest): number {
  const max = Number(settings?.['max_result_bytes'] ?? 0)
  return max > 0 ? max : Infinity
}

/** Who asks, and how. */
export function authHeaders({ username, password }: ClickHouseTarget): Record<string, string> {
  return {
    'content-type': 'text/plain; charset=utf-8',
    ...(username === undefined ? {} : { 'x-clickhouse-user': username }),
    ...(password === undefined ? {} : { 'x-clickhouse-key': password }),
  }
}

async function* once(whole: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
  if (whole.byteLength > 0) yield whole
}

async function* inTurn(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
  yield* chunks
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
