// The contract: what a key stands for, and how a frame is appended at most once under it. See docs/specs/idempotency.md.
import type { NewFrame } from '@sandpiper/eventlog'

/** A request that asks to be stored at most once. */
export interface KeyedBody {
  /** Keys of different workspaces never meet. */
  readonly workspaceId: string
  /** Any text of 1 to 255 characters. */
  readonly key: string
  /** Keys of different spaces never meet, so that nobody can take an import's key by a request. Default `internal`; the Events API uses `events`. */
  readonly space?: 'internal' | 'events'
  /** What `bodyHash` gives for everything that decides what is stored: data source, format, body. 32 hexadecimal digits. */
  readonly bodyHash: string
}

/** What the log has of a key. */
export interface Remembered {
  /** Position in the event log, for `log.loaded(dataSourceId, sequence)`. */
  readonly sequence: number
  readonly dataSourceId: string
  readonly rowCount: number
  readonly refusedCount: number
  /** Unix milliseconds. */
  readonly arrivedAtMs: number
}

/** The answer to a claim: the key was used before with the same body, or it is the caller's. */
export type Claim =
  { readonly kind: 'replayed'; readonly first: Remembered } | ({ readonly kind: 'first' } & Claimed)

/** A key that is the caller's until it appended or released. Others with the same key wait meanwhile. */
export interface Claimed {
  /**
   * Appends the frame with the key (its `idempotencyHash` is set here). Once, for the life of the claim.
   * @throws what `EventLog.append` throws; nothing is stored then and the key is free again.
   */
  append(frame: NewFrame): Promise<Remembered>
  /** Gives the key free when nothing was appended. Idempotent; call it in a `finally`. */
  release(): void
}

/**
 * Appends under idempotency keys. A key is remembered for 7 days or until it is not among the newest 10 million of its workspace any
 * more, whichever comes first, across restarts and crashes: the key stands in the frame, the index is rebuilt from the log.
 */
export interface IdempotentLog {
  /**
   * Takes the key. Waits while another request holds it, at most 10 s or until the signal aborts.
   * @throws fault `request.conflict` (409) when the key was used with another body | `server.busy` (503, Retry-After) when the
   * request that holds the key does not end, or too many keys wait to be written | `log.unavailable` (503, Retry-After) when what is
   * remembered of the key cannot be read: it may have been used | `request.invalid` (400) for an empty or too long key.
   */
  claim(keyed: KeyedBody, signal: AbortSignal): Promise<Claim>
  /**
   * Appends the frame unless its key was used before with the same body: `isReplay` tells. For those who have the frame ready:
   * chunks of imports, replays of the quarantine.
   * @throws what `claim` and `EventLog.append` throw; after any of them nothing of the frame was stored under the key.
   */
  appendOnce(
    frame: NewFrame,
    keyed: KeyedBody,
    signal: AbortSignal,
  ): Promise<Remembered & { readonly isReplay: boolean }>
  /** The log must keep every frame from here on: the index does not hold their keys durably yet. */
  keepFrom(): number
  /** What happened since the start, for metrics. */
  counters(): IdempotencyCounters
  /** Writes what it has. Later claims are refused with `server.busy`. Idempotent. */
  close(): Promise<void>
}

/** Counts since the start. */
export interface IdempotencyCounters {
  /** Keys that were new. */
  readonly firsts: number
  /** Requests answered from memory of the first. */
  readonly replays: number
  /** Requests refused because their key stands for another body. */
  readonly conflicts: number
  /** Keys that were forgotten before their time, because the workspace had too many. */
  readonly forgottenEarly: number
  /** Keys forgotten after their time. */
  readonly expired: number
  /** Frames whose keys, if they had any, could not be taken up: gone from the log, or damaged there, before the index had them. */
  readonly lostFrames: number
  /** Writes of the index that failed and were tried again. */
  readonly failedFlushes: number
  /** Requests refused because what is remembered of their key could not be read. */
  readonly failedReads: number
  /** Keys that wait to be written to the index. */
  readonly pending: number
}
