// POST /v0/events: the way of an event from the request to the log. See docs/specs/events-api.md.
import type { EventsBody } from '@sandpiper/contracts'
import type { DeployedDataSource, DeploymentMap } from '@sandpiper/deployment'
import type { LoadOutcome, NewFrame } from '@sandpiper/eventlog'
import { Fault, fault } from '@sandpiper/faults'
import { decodeBody, type DecodedBody } from '@sandpiper/rows'
import { authorize, tokenFromRequest, type Principal } from '@sandpiper/tokens'
import { createAdmission } from '../../admission.ts'
import { createByteBudget, type ByteShare } from '../../byte-budget.ts'
import { createDecoders } from '../../decoders.ts'
import type { IngestDeps } from '../../ingest-deps.ts'
import type { EventsAnswer, EventsCall } from './events-call.ts'
import { findMap, findTarget } from './find-target.ts'
import { oncePerKey, type Position } from './once-per-key.ts'
import { bodyShapeOf, readBody, type BodyShape, type ReceivedBody } from './read-body.ts'
import { createQueries, readOptions, type EventsOptions } from './read-options.ts'
import { userNames } from './user-names.ts'

const NO_HEADERS = {}
const REPLAY_HEADERS = { 'Idempotency-Replayed': 'true' }

/** Handles one request; every refusal before the append leaves nothing behind. */
export function postEvents(deps: IngestDeps): (call: EventsCall) => Promise<EventsAnswer> {
  const decoders = createDecoders(deps.catalog)
  const budget = createByteBudget(deps.limits.inFlightBytesMax, deps.counters)
  const admission = createAdmission(deps)
  const queryOf = createQueries()

  return async (call) => {
    const query = queryOf(call.req.url ?? '')
    const principal = await whoCalls(deps, call, query)
    admission.countRequest(call, principal)
    const options = readOptions(query)
    const shape = bodyShapeOf(call.req, deps.limits)
    const find = () => findTargetOf(deps, principal, options)
    // Refuses a large body before it is read; the map that counts is the one of when it has arrived. A small one is there already.
    if (!shape.isSmall) admission.countDataSource(call, (await find()).target.id)
    if (options.isWaiting && !deps.log.writerConnected()) throw writerAway()
    const share = budget.open()
    try {
      const body = await receive(call, deps, shape, share)
      // A body can take minutes to arrive. Rows of a deployment replaced meanwhile could miss their table, which is
      // removed some time after it was replaced.
      const { map, target } = await find()
      if (shape.isSmall) admission.countDataSource(call, target.id)
      const position = await admission.among(async () => {
        const { workspaceId } = principal
        const about = { workspaceId, dataSourceId: target.id, format: options.format, body }
        return oncePerKey(deps, call, about, async (append) => {
          const decoder = await decoders.of(target)
          const decoded = await decodeBody(body.chunks, decoder, {
            format: options.format,
            now: deps.monotonicMs,
            onBytes: boundedBy(deps.limits.decodedBytesMax, share),
          })
          refuseWithoutEvents(decoded, options.format)
          const sequence = await append(frameOf(deps, call, principal, target, decoded))
          observe(deps, principal, target, decoded)
          return { sequence, counts: countsOf(deps, decoded) }
        })
      })
      share.close()
      if (!options.isWaiting) return accepted(position)
      return await answerWhenLoaded(call, deps, { dataSourceId: target.id, ...position, map })
    } finally {
      share.close()
    }
  }
}

async function whoCalls(
  deps: IngestDeps,
  call: EventsCall,
  query: URLSearchParams,
): Promise<Principal> {
  const value = tokenFromRequest({
    authorizationHeader: call.req.headers.authorization,
    queryToken: query.get('token') ?? undefined,
  })
  return authorize(value, (text) => deps.catalog.findToken(text))
}

interface Target {
  readonly map: DeploymentMap
  readonly target: DeployedDataSource
}

async function findTargetOf(
  deps: IngestDeps,
  principal: Principal,
  options: EventsOptions,
): Promise<Target> {
  const map = await findMap(deps.catalog, principal, options.deployment)
  return { map, target: findTarget(map, principal, options.name) }
}

async function receive(
  call: EventsCall,
  deps: IngestDeps,
  shape: BodyShape,
  share: ByteShare,
): Promise<ReceivedBody> {
  const body = await readBody(call.req, shape, deps.limits, share)
  deps.counters.receivedBytes += body.receivedBytes
  if (body.bytes === 0)
    throw fault('request.invalid', { public: 'The body is empty: send one JSON object per line.' })
  return body
}

/** Refuses a body as soon as its rows take too much: tiny lines that are refused grow many times. */
function boundedBy(bytesMax: number, share: ByteShare): (bytes: number) => void {
  let total = 0
  return (bytes) => {
    total += bytes
    if (total > bytesMax) {
      throw fault('request.too_large', {
        public: `The events of the body take more than ${bytesMax} bytes. Split it into several requests.`,
      })
    }
    share.take(bytes)
  }
}

/** A body in which nothing is an event changes nothing. A JSON document is taken whole or not at all: it may have been cut off. */
function refuseWithoutEvents(decoded: DecodedBody, format: EventsOptions['format']): void {
  const { rowCount, refusedCount, malformedCount, firstErrors } = decoded
  if (rowCount + refusedCount === 0)
    throw fault('request.invalid', {
      public: 'The body has no events: send one JSON object per line.',
    })
  const isRefused =
    format === 'json' ? malformedCount > 0 : malformedCount === rowCount + refusedCount
  if (!isRefused) return
  const why = firstErrors.find((error) => error.column === '')?.message ?? 'not valid JSON'
  throw fault('request.invalid', {
    public: `The body holds no events that can be read: ${why}. Nothing was stored.`,
  })
}

function frameOf(
  deps: IngestDeps,
  call: EventsCall,
  principal: Principal,
  target: DeployedDataSource,
  decoded: DecodedBody,
): NewFrame {
  return {
    workspaceId: principal.workspaceId,
    dataSourceId: target.id,
    schemaVersion: target.schemaVersion,
    requestId: call.requestId,
    arrivedAtMs: deps.now(),
    idempotencyHash: null,
    rowCount: decoded.rowCount,
    refusedCount: decoded.refusedCount,
    rows: decoded.rows,
    refused: decoded.refused,
  }
}

function countsOf({ counters }: IngestDeps, decoded: DecodedBody): EventsBody {
  counters.rows += decoded.rowCount
  counters.quarantinedRows += decoded.refusedCount
  return { successful_rows: decoded.rowCount, quarantined_rows: decoded.refusedCount }
}

function observe(
  { breakers }: IngestDeps,
  { workspaceId }: Principal,
  { id, file }: DeployedDataSource,
  { rowCount, refusedCount, firstErrors }: DecodedBody,
): void {
  breakers.observe({
    ...{ workspaceId, dataSourceId: id, dataSourceName: file.name },
    ...{ rowCount, refusedCount, errors: firstErrors },
  })
}

function accepted({ counts, isReplay }: Position): EventsAnswer {
  const headers = isReplay ? REPLAY_HEADERS : NO_HEADERS
  return { status: 202, body: JSON.stringify(counts), headers }
}

interface Appended extends Position {
  readonly dataSourceId: string
  readonly map: DeploymentMap
}

/** 200 when every target has the events, 422 when a view failed on them, 202 when the wait was too long: they are stored and will be written. */
async function answerWhenLoaded(
  call: EventsCall,
  deps: IngestDeps,
  appended: Appended,
): Promise<EventsAnswer> {
  const { dataSourceId, sequence, counts, map } = appended
  const gone = new AbortController()
  call.res.once('close', () => {
    gone.abort()
  })
  const signal = AbortSignal.any([AbortSignal.timeout(deps.limits.waitMs), gone.signal])
  let outcome: LoadOutcome
  try {
    outcome = await deps.log.loaded(dataSourceId, sequence, signal)
  } catch (error) {
    if (error instanceof Fault && error.code === 'server.busy') return accepted(appended)
    throw error
  }
  if (outcome.kind === 'loaded') return { ...accepted(appended), status: 200 }
  const text = `The events are in the data source, but a materialized view failed on them: ${userNames(outcome.message, map)}`
  throw fault('ingest.partial', { public: text, body: { error: text, ...counts } })
}

function writerAway(): Fault {
  return fault('server.busy', {
    public:
      'The events cannot be written right now, so waiting for them is not possible. Nothing was stored. Try again, or send them without wait=true.',
    headers: { 'Retry-After': '1' },
  })
}
