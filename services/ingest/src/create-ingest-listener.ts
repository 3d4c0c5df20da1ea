// The Events API, straight on node:http: this route takes tens of thousands of requests a second, and a framework's request and response
// would cost more than the rest of a small request. One error door: every failure becomes `{error}` here, readable from any origin.
import type { RequestListener } from 'node:http'
import { Fault, fault } from '@sandpiper/faults'
import type { IngestDeps } from './ingest-deps.ts'
import { createRequestIds } from './request-ids.ts'
import type { EventsAnswer, EventsCall } from './routes/post-events/events-call.ts'
import { postEvents } from './routes/post-events/handler.ts'
import { postAtOnce } from './routes/post-events/post-at-once.ts'
import { createPostParts } from './routes/post-events/post-parts.ts'
import { sendAnswer } from './send-answer.ts'

/** The path the listener answers; everything else on the port belongs to the api. */
const EVENTS_PATH = '/v0/events'

const METHODS = 'POST, OPTIONS'

/** Whether a request target is for the listener below. A trailing slash is tolerated. */
export function isEventsUrl(url: string): boolean {
  if (!url.startsWith(EVENTS_PATH)) return false
  const next = url.charCodeAt(EVENTS_PATH.length)
  if (Number.isNaN(next) || next === QUESTION_MARK) return true
  const after = url.charCodeAt(EVENTS_PATH.length + 1)
  return next === SLASH && (Number.isNaN(after) || after === QUESTION_MARK)
}
const SLASH = 47
const QUESTION_MARK = 63

/** Answers the requests of `isEventsUrl`; never throws, and nothing is listening yet. */
export function createIngestListener(deps: IngestDeps): RequestListener {
  const nextRequestId = createRequestIds(deps.now)
  const parts = createPostParts(deps)
  const post = postEvents(deps, parts)
  const atOnce = postAtOnce(deps, parts, {
    answered: finish,
    failed: (call, err) => {
      finish(call, failure(deps, call, err))
    },
  })
  let begun: EventsCall[] = []

  /** All requests of one turn of the loop: by now what came with their heads is there. */
  function answerBegun(): void {
    const calls = begun
    begun = []
    for (const call of calls) if (!atOnce(call)) void answer(call)
  }

  async function answer(call: EventsCall): Promise<void> {
    let answered: EventsAnswer
    try {
      answered = await post(call)
    } catch (err) {
      answered = failure(deps, call, err)
    }
    finish(call, answered)
  }

  function finish(call: EventsCall, answered: EventsAnswer): void {
    sendAnswer(call, answered)
    count(deps, answered.status)
  }

  return (req, res) => {
    const call: EventsCall = { req, res, requestId: nextRequestId(), quota: null }
    if (req.method !== 'POST') finish(call, withoutEvents(deps, call))
    else if (begun.push(call) === 1) setImmediate(answerBegun)
  }
}

function withoutEvents(deps: IngestDeps, call: EventsCall): EventsAnswer {
  const { method = '', headers } = call.req
  if (method === 'OPTIONS') {
    const asked = headers['access-control-request-headers']
    return { status: 204, body: '', headers: preflight(asked) }
  }
  const err = fault('request.method', {
    public: `${method} is not allowed here: use POST.`,
    headers: { Allow: METHODS },
  })
  return failure(deps, call, err)
}

function failure(deps: IngestDeps, call: EventsCall, err: unknown): EventsAnswer {
  const { requestId } = call
  if (err instanceof Fault) {
    deps.logger.debug({ err, requestId }, err.code)
    deps.counters.refused[err.code] = (deps.counters.refused[err.code] ?? 0) + 1
    return {
      status: err.status,
      body: JSON.stringify(err.details.body ?? { error: err.details.public }),
      headers: err.details.headers ?? {},
    }
  }
  deps.logger.error({ err, requestId }, 'bug')
  deps.counters.refused['server.bug'] = (deps.counters.refused['server.bug'] ?? 0) + 1
  const error = `Internal error. Request ${requestId}.`
  return { status: 500, body: JSON.stringify({ error }), headers: {} }
}

function count({ counters }: IngestDeps, status: number): void {
  counters.requests[status < 400 ? '2xx' : status < 500 ? '4xx' : '5xx'] += 1
}

/** Browsers post events straight from pages: any origin, any of the headers clients send. */
function preflight(asked: string | undefined): Record<string, string> {
  const headers =
    asked !== undefined && /^[\w\-, ]{1,1000}$/.test(asked)
      ? asked
      : 'Authorization, Content-Type, Content-Encoding, Idempotency-Key'
  return {
    'Access-Control-Allow-Methods': METHODS,
    'Access-Control-Allow-Headers': headers,
    'Access-Control-Max-Age': '86400',
  }
}
