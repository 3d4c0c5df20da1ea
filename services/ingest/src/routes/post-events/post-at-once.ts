// The way of most requests: a little NDJSON that came with its head, for a token and a data source that the request before was for too.
// It waits for nothing but the log, so a request costs a fraction of what it does in handler.ts. Whatever is not that plain goes there.
import type { IncomingMessage } from 'node:http'
import { assert } from '@sandpiper/assert'
import type { NewFrame } from '@sandpiper/eventlog'
import { decodeAtOnce, type DecodedBody } from '@sandpiper/rows'
import type { IngestDeps } from '../../ingest-deps.ts'
import type { EventsAnswer, EventsCall } from './events-call.ts'
import {
  accepted,
  boundedBy,
  countsOf,
  frameOf,
  observe,
  refuseWithoutEvents,
  type PostParts,
} from './post-parts.ts'
import type { Route } from './routes.ts'

type Target = Route['target']

/** Decoding so much takes less than a millisecond. */
const AT_ONCE_BYTES_MAX = 32 * 1024

export interface Outcome {
  answered(call: EventsCall, answer: EventsAnswer): void
  failed(call: EventsCall, err: unknown): void
}

/** Takes a request whose body is there; false, and nothing done, when it has to go the general way. */
export function postAtOnce(
  deps: IngestDeps,
  { admission, budget, routes }: PostParts,
  outcome: Outcome,
): (call: EventsCall) => boolean {
  const bytesMax = Math.min(AT_ONCE_BYTES_MAX, deps.limits.bodyBytesMax)

  function stored(call: EventsCall, target: Target, decoded: DecodedBody, frame: NewFrame): void {
    try {
      observe(deps, target, frame, decoded.firstErrors)
      outcome.answered(call, accepted(countsOf(deps, decoded), false))
    } catch (err) {
      outcome.failed(call, err)
    }
  }

  function begin(call: EventsCall, route: Route): void {
    const { principal, target, decoder } = route
    void admission.countRequest(call, principal)
    const share = budget.open()
    let isAmong = false
    const leave = (): void => {
      share.close()
      if (isAmong) admission.leave()
    }
    try {
      const body: unknown = call.req.read()
      assert(Buffer.isBuffer(body), 'a body that is there is read at once')
      share.take(body.length)
      deps.counters.receivedBytes += body.length
      void admission.countDataSource(call, target.id)
      admission.enter()
      isAmong = true
      const decoded = decodeAtOnce(body, decoder)
      assert(decoded !== null, 'a body of this size is decoded at once')
      boundedBy(deps.limits.decodedBytesMax, share)(decoded.rows.length + decoded.refused.length)
      refuseWithoutEvents(decoded, 'ndjson')
      const frame = frameOf(deps, call, principal, target, decoded)
      deps.log.append(frame).then(
        () => {
          leave()
          stored(call, target, decoded, frame)
        },
        (err: unknown) => {
          leave()
          outcome.failed(call, err)
        },
      )
    } catch (err) {
      leave()
      throw err
    }
  }

  return (call) => {
    if (!isPlain(call.req, bytesMax)) return false
    const route = routes.of(call.req)
    if (route === null || admission.mayWait(route.principal)) return false
    try {
      begin(call, route)
    } catch (err) {
      outcome.failed(call, err)
    }
    return true
  }
}

function isPlain(req: IncomingMessage, bytesMax: number): boolean {
  // Complete and not broken off: all of it is in memory.
  if (!req.complete || req.destroyed) return false
  if (req.readableLength === 0 || req.readableLength > bytesMax) return false
  const { headers } = req
  return headers['content-encoding'] === undefined && headers['idempotency-key'] === undefined
}
