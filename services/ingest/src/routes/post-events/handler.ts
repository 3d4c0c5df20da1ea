// POST /v0/events: the way of an event from the request to the log. See docs/specs/events-api.md.
import { assert } from '@sandpiper/assert'
import type { DeployedDataSource, DeploymentMap } from '@sandpiper/deployment'
import type { LoadOutcome } from '@sandpiper/eventlog'
import { Fault, fault } from '@sandpiper/faults'
import { decodeBody } from '@sandpiper/rows'
import { authorize, principalIn, tokenFromRequest, type Principal } from '@sandpiper/tokens'
import type { ByteShare } from '../../byte-budget.ts'
import { createDecoders } from '../../decoders.ts'
import type { IngestDeps } from '../../ingest-deps.ts'
import type { EventsAnswer, EventsCall } from './events-call.ts'
import { findMap, findTarget } from './find-target.ts'
import { oncePerKey, type Position } from './once-per-key.ts'
import {
  accepted,
  boundedBy,
  countsOf,
  frameOf,
  observe,
  refuseWithoutEvents,
  type PostParts,
} from './post-parts.ts'
import { bodyShapeOf, readBody, type BodyShape, type ReceivedBody } from './read-body.ts'
import { createQueries, readOptions, type EventsOptions } from './read-options.ts'
import type { Route } from './routes.ts'
import { userNames } from './user-names.ts'

/** Handles any request; every refusal before the append leaves nothing behind. */
export function postEvents(
  deps: IngestDeps,
  { admission, budget, routes }: PostParts,
): (call: EventsCall) => Promise<EventsAnswer> {
  const decoders = createDecoders(deps.catalog)
  const queryOf = createQueries()

  return async (call) => {
    const query = queryOf(call.req.url ?? '')
    const caller = await whoCalls(deps, call, query)
    const { principal } = caller
    await admission.countRequest(call, principal)
    const options = readOptions(query)
    const shape = bodyShapeOf(call.req, deps.limits)
    const find = () => findTargetOf(deps, principal, options)
    // Refuses a large body before it is read; the map that counts is the one of when it has arrived. A small one is there already.
    if (!shape.isSmall) await admission.countDataSource(call, (await find()).target.id)
    if (options.isWaiting && !deps.log.writerConnected()) throw writerAway()
    const share = budget.open()
    try {
      const body = await receive(call, deps, shape, share)
      // A body can take minutes to arrive. Rows of a deployment replaced meanwhile could miss their table, which is
      // removed some time after it was replaced.
      const { map, target } = await find()
      if (shape.isSmall) await admission.countDataSource(call, target.id)
      const position = await admission.among(async () => {
        const { workspaceId } = principal
        const about = { workspaceId, dataSourceId: target.id, format: options.format, body }
        return oncePerKey(deps, call, about, async (append) => {
          const decoder = await decoders.of(target)
          if (isPlain(options)) routes.learn(call.req, { ...caller, target, decoder }, map)
          const decoded = await decodeBody(body.chunks, decoder, {
            format: options.format,
            now: deps.monotonicMs,
            onBytes: boundedBy(deps.limits.decodedBytesMax, share),
          })
          refuseWithoutEvents(decoded, options.format)
          const frame = frameOf(deps, call, principal, target, decoded)
          const sequence = await append(frame)
          observe(deps, target, frame, decoded.firstErrors)
          return { sequence, counts: countsOf(deps, decoded) }
        })
      })
      share.close()
      if (!options.isWaiting) return accepted(position.counts, position.isReplay)
      return await answerWhenLoaded(call, deps, { dataSourceId: target.id, ...position, map })
    } finally {
      share.close()
    }
  }
}

type Caller = Pick<Route, 'principal' | 'token' | 'tokenValue'>

async function whoCalls(
  deps: IngestDeps,
  call: EventsCall,
  query: URLSearchParams,
): Promise<Caller> {
  const value = tokenFromRequest({
    authorizationHeader: call.req.headers.authorization,
    queryToken: query.get('token') ?? undefined,
  })
  const found: Route['token'][] = []
  const principal = await authorize(value, async (text) => {
    const record = await deps.catalog.findToken(text)
    if (record !== null) found.push(record)
    return record
  })
  const [token] = found
  assert(value !== null && token !== undefined, 'nobody is authorized without a token')
  return { principal, token, tokenValue: value }
}

/** Whether the next request like it may be answered without waiting. */
function isPlain({ isWaiting, format, deployment }: EventsOptions): boolean {
  return (
    !isWaiting &&
    format === 'ndjson' &&
    (deployment === null || deployment === '' || deployment === 'live')
  )
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
  return { map, target: findTarget(map, principalIn(map, principal), options.name) }
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
    if (error instanceof Fault && error.code === 'server.busy')
      return accepted(appended.counts, appended.isReplay)
    throw error
  }
  if (outcome.kind === 'loaded')
    return { ...accepted(appended.counts, appended.isReplay), status: 200 }
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
