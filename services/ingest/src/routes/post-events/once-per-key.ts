// The Idempotency-Key: the same key with the same events is stored once and answered from memory of the first. See docs/specs/idempotency.md.
import type { EventsBody } from '@sandpiper/contracts'
import type { NewFrame } from '@sandpiper/eventlog'
import { bodyHash } from '@sandpiper/idempotency'
import type { IngestDeps } from '../../ingest-deps.ts'
import type { EventsCall } from './events-call.ts'
import type { EventsOptions } from './read-options.ts'
import type { ReceivedBody } from './read-body.ts'

/** Where the events of a request stand in the log. */
export interface Position {
  readonly sequence: number
  readonly counts: EventsBody
  /** They were stored by an earlier request with the same key. */
  readonly isReplay: boolean
}

/** What decides that two requests are the same. */
interface About {
  readonly workspaceId: string
  readonly dataSourceId: string
  readonly format: EventsOptions['format']
  /** Decompressed, so that the same events count as the same however they were packed. */
  readonly body: ReceivedBody
}

type Append = (frame: NewFrame) => Promise<number>
type Store = (append: Append) => Promise<Omit<Position, 'isReplay'>>

/**
 * Stores the events unless the request carries a key that was used for them before. What fails before the append leaves the key free.
 * @throws fault `request.conflict` (409) for a key of other events | `request.invalid` (400) for an empty or too long key | `server.busy`.
 */
export async function oncePerKey(
  deps: IngestDeps,
  call: EventsCall,
  about: About,
  store: Store,
): Promise<Position> {
  const key = call.req.headers['idempotency-key']
  if (key === undefined) {
    return { ...(await store((frame) => deps.log.append(frame))), isReplay: false }
  }
  const { workspaceId, dataSourceId, format, body } = about
  // node:http gives one character per byte of the header.
  const keyed = {
    ...({ workspaceId, space: 'events', key: String(key) } as const),
    bodyHash: await bodyHash([dataSourceId, format, body.chunks]),
  }
  const claim = await deps.keys.claim(keyed, untilGone(call))
  if (claim.kind === 'replayed') {
    const { sequence, rowCount, refusedCount } = claim.first
    const counts = { successful_rows: rowCount, quarantined_rows: refusedCount }
    return { sequence, counts, isReplay: true }
  }
  try {
    const position = await store(async (frame) => (await claim.append(frame)).sequence)
    return { ...position, isReplay: false }
  } finally {
    claim.release()
  }
}

/** Aborted when nobody waits for the answer any more. */
function untilGone({ res }: EventsCall): AbortSignal {
  const gone = new AbortController()
  res.once('close', () => {
    gone.abort()
  })
  return gone.signal
}
