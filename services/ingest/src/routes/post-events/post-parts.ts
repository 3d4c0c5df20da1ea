// What both ways of a request share: handler.ts, and post-at-once.ts for those that need not wait.
import type { EventsBody } from '@sandpiper/contracts'
import type { DeployedDataSource } from '@sandpiper/deployment'
import type { NewFrame } from '@sandpiper/eventlog'
import { fault } from '@sandpiper/faults'
import type { DecodedBody } from '@sandpiper/rows'
import type { Principal } from '@sandpiper/tokens'
import { createAdmission, type Admission } from '../../admission.ts'
import { createByteBudget, type ByteBudget, type ByteShare } from '../../byte-budget.ts'
import type { IngestDeps } from '../../ingest-deps.ts'
import type { EventsAnswer, EventsCall } from './events-call.ts'
import type { EventsOptions } from './read-options.ts'
import { createRoutes, type Routes } from './routes.ts'

const NO_HEADERS = {}
const REPLAY_HEADERS = { 'Idempotency-Replayed': 'true' }

/** What all requests share. */
export interface PostParts {
  readonly admission: Admission
  readonly budget: ByteBudget
  readonly routes: Routes
}

export function createPostParts(deps: IngestDeps): PostParts {
  return {
    admission: createAdmission(deps),
    budget: createByteBudget(deps.limits.inFlightBytesMax, deps.counters),
    routes: createRoutes(deps.catalog),
  }
}

/** Refuses a body as soon as its rows take too much: tiny lines that are refused grow many times. */
export function boundedBy(bytesMax: number, share: ByteShare): (bytes: number) => void {
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
export function refuseWithoutEvents(decoded: DecodedBody, format: EventsOptions['format']): void {
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

export function frameOf(
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

export function countsOf({ counters }: IngestDeps, decoded: DecodedBody): EventsBody {
  counters.rows += decoded.rowCount
  counters.quarantinedRows += decoded.refusedCount
  return { successful_rows: decoded.rowCount, quarantined_rows: decoded.refusedCount }
}

/** Tells who watches what was stored. */
export function observe(
  { breakers, tap }: IngestDeps,
  { file }: DeployedDataSource,
  frame: NewFrame,
  errors: DecodedBody['firstErrors'],
): void {
  breakers.observe({
    workspaceId: frame.workspaceId,
    dataSourceId: frame.dataSourceId,
    dataSourceName: file.name,
    rowCount: frame.rowCount,
    refusedCount: frame.refusedCount,
    errors,
  })
  tap?.taken(frame)
}

/** Built by hand: most answers are this one. */
export function accepted(counts: EventsBody, isReplay: boolean): EventsAnswer {
  const { successful_rows: rows, quarantined_rows: refused } = counts
  return {
    status: 202,
    body: `{"successful_rows":${rows},"quarantined_rows":${refused}}`,
    headers: isReplay ? REPLAY_HEADERS : NO_HEADERS,
  }
}
