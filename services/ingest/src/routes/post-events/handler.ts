// POST /v0/events: the way of an event from the request to the log. See docs/specs/events-api.md.
import type { EventsBody } from '@sandpiper/contracts'
import type { DeploymentMap } from '@sandpiper/deployment'
import type { LoadOutcome, NewFrame } from '@sandpiper/eventlog'
import { Fault, fault } from '@sandpiper/faults'
import { decodeBody, type DecodedBody } from '@sandpiper/rows'
import { authorize, tokenFromRequest } from '@sandpiper/tokens'
import type { Context } from 'hono'
import { createByteBudget, type ByteShare } from '../../byte-budget.ts'
import { createDecoders } from '../../decoders.ts'
import type { IngestDeps, IngestEnv } from '../../ingest-deps.ts'
import { findMap, findTarget } from './find-target.ts'
import { readBody } from './read-body.ts'
import { userNames } from './user-names.ts'

type EventsContext = Context<IngestEnv>

/** Handles one request; every refusal before the append leaves nothing behind. */
export function postEvents(deps: IngestDeps): (c: EventsContext) => Promise<Response> {
  const decoders = createDecoders(deps.catalog)
  const budget = createByteBudget(deps.limits.inFlightBytesMax)

  return async (c) => {
    const value = tokenFromRequest({
      authorizationHeader: c.req.header('Authorization'),
      queryToken: c.req.query('token'),
    })
    const principal = await authorize(value, (text) => deps.catalog.findToken(text))
    const options = readOptions(c)
    const find = () => findMap(deps.catalog, principal, c.req.query('__tb__deployment'))
    // Refuses before the body is read; the map that counts is the one of when it has arrived.
    findTarget(await find(), principal, options.name)
    if (options.isWaiting && !deps.log.writerConnected()) throw writerAway()
    const share = budget.open()
    try {
      const body = await receive(c, deps, share)
      // A body can take minutes to arrive. Rows of a deployment replaced meanwhile could miss their table, which is
      // removed some time after it was replaced.
      const map = await find()
      const target = findTarget(map, principal, options.name)
      const decoder = await decoders.of(target)
      const decoded = await decodeBody(body, decoder, {
        format: options.format,
        now: () => performance.now(),
        onBytes: boundedBy(deps.limits.decodedBytesMax, share),
      })
      refuseWithoutEvents(decoded, options.format)
      const sequence = await deps.log.append({
        workspaceId: principal.workspaceId,
        dataSourceId: target.id,
        schemaVersion: target.schemaVersion,
        requestId: c.get('requestId'),
        arrivedAtMs: deps.now(),
        idempotencyHash: null,
        rowCount: decoded.rowCount,
        refusedCount: decoded.refusedCount,
        rows: decoded.rows,
        refused: decoded.refused,
      } satisfies NewFrame)
      share.close()
      const counts = { successful_rows: decoded.rowCount, quarantined_rows: decoded.refusedCount }
      if (!options.isWaiting) return c.json(counts, 202)
      return await answerWhenLoaded(c, deps, { dataSourceId: target.id, sequence, counts, map })
    } finally {
      share.close()
    }
  }
}

interface EventsOptions {
  readonly name: string
  readonly isWaiting: boolean
  readonly format: 'ndjson' | 'json'
}

function readOptions(c: EventsContext): EventsOptions {
  const name = c.req.query('name') ?? ''
  if (name === '')
    throw fault('request.invalid', {
      public: "The parameter 'name' is missing: the name of the data source to append to.",
    })
  const format = c.req.query('format') ?? 'ndjson'
  if (format !== 'ndjson' && format !== 'json') {
    throw fault('request.invalid', {
      public: `The format '${format.slice(0, 50)}' is not supported here: use ndjson or json.`,
    })
  }
  return {
    name,
    isWaiting: ['true', '1'].includes((c.req.query('wait') ?? '').toLowerCase()),
    format,
  }
}

async function receive(c: EventsContext, deps: IngestDeps, share: ByteShare): Promise<Buffer> {
  const body = await readBody(c.req.raw, deps.limits, share)
  if (body.length === 0)
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

interface Appended {
  readonly dataSourceId: string
  readonly sequence: number
  readonly counts: EventsBody
  readonly map: DeploymentMap
}

/** 200 when every target has the events, 422 when a view failed on them, 202 when the wait was too long: they are stored and will be written. */
async function answerWhenLoaded(
  c: EventsContext,
  deps: IngestDeps,
  appended: Appended,
): Promise<Response> {
  const { dataSourceId, sequence, counts, map } = appended
  const signal = AbortSignal.any([AbortSignal.timeout(deps.limits.waitMs), c.req.raw.signal])
  let outcome: LoadOutcome
  try {
    outcome = await deps.log.loaded(dataSourceId, sequence, signal)
  } catch (error) {
    if (error instanceof Fault && error.code === 'server.busy') return c.json(counts, 202)
    throw error
  }
  if (outcome.kind === 'loaded') return c.json(counts, 200)
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
