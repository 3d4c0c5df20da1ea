// The contract between those who append (ingest, jobs), the writer that loads, and those who wait or need a turn.
// Embedded: segment files (segment-log.ts) and a unix socket (link). Scale-out: packages/kafkalog. See docs/specs/event-log.md.
import type { Frame, FrameHead, NewFrame } from './frame.ts'
import type { LogSpace } from './log-space.ts'

/** What became of the rows up to a position: in every target, or in the raw table while a view threw. */
export type LoadOutcome =
  { readonly kind: 'loaded' } | { readonly kind: 'view_failed'; readonly message: string }

/** The exclusive right to change the tables of one workspace: no batch of it is in flight while held. */
export interface Turn {
  /**
   * Aborted when the right was lost (the writer died): take back what was half done, release, and take it again before going on.
   * Until released, the next writer loads nothing of the workspace either.
   */
  readonly signal: AbortSignal
  /** Gives the turn back; the writer reads the tables and views of the workspace anew. Idempotent. */
  release(): Promise<void>
}

/** The appending side, held by the process that ingests. */
export interface EventLog {
  /**
   * Appends one frame; resolves with its sequence only after fdatasync covers it. On rejection nothing may be assumed written.
   * @throws fault `log.too_large` (413) | `log.unavailable` (503) | `storage.full` (507).
   */
  append(frame: NewFrame): Promise<number>
  /** Highest durable sequence; 0 for an empty log. */
  durable(): number
  /** What `durable` is for the frames of one workspace: where processes share a log, positions of different workspaces cannot be compared. @throws fault `log.unavailable` (503). */
  durableOf(workspaceId: string): Promise<number>
  /** Resolves when every target holds the data source's frames up to `sequence`. @throws fault `server.busy` (503) on abort or when the writer is away. */
  loaded(dataSourceId: string, sequence: number, signal: AbortSignal): Promise<LoadOutcome>
  /** Waits until no batch of the workspace is in flight and holds new ones back until released. @throws fault `server.busy` on abort. */
  turn(workspaceId: string, signal: AbortSignal): Promise<Turn>
  /** Whether a writer is connected now: without one `loaded` and `turn` only wait. */
  writerConnected(): boolean
  /** Sends the writer a note of at most 32 KiB as JSON. False, and nothing sent, when it is larger or the writer is away or slow. */
  noteWriter(body: object): boolean
  /** Who is told the notes of the writer: one listener; none are kept for later. */
  onNote(listener: (body: unknown) => void): void
  /** The room the log takes and has, as it was seen within the last seconds. Appends are refused while `refusal` is not null. */
  space(): LogSpace
  /** What the log did since it was opened, for metrics. */
  counters(): LogCounters
  /** Finishes what was accepted, then closes files and link. Later appends reject with `log.unavailable`. Idempotent. */
  close(): Promise<void>
}

/** Counts since the log was opened; bytes as written to disk, headers included. */
export interface LogCounters {
  readonly frames: number
  readonly bytes: number
  readonly syncs: number
  readonly failedSyncs: number
  readonly segments: number
  /** Bytes accepted and not yet durable. */
  readonly queuedBytes: number
  /** Every frame up to this one is known to be in every target; 0 before the writer told anything. */
  readonly loadedUpTo: number
}

/** A stretch of the log that holds no readable frame. Its bytes stay where they are. */
export interface LogDamage {
  readonly segment: string
  readonly offset: number
  /** 0 when whole frames are missing and no damaged bytes are left of them. */
  readonly bytes: number
  /** Sequences that may have been lost here, both inclusive; null when none can be named. */
  readonly sequences: { readonly from: number; readonly to: number } | null
  readonly reason: 'unreadable' | 'missing' | 'body'
}

/** The writer's side of the link: it learns what is durable and who wants a turn, and tells what it confirmed. */
export interface WriterLink {
  durable(): number
  onDurable(listener: (sequence: number) => void): void
  /** Called when a turn is asked for; resolve when no batch of the workspace is in flight. */
  onTurn(listener: (workspaceId: string) => Promise<void>): void
  onRelease(listener: (workspaceId: string) => void): void
  /** Every target of the data source holds its frames up to `sequence`. */
  publishLoaded(dataSourceId: string, sequence: number, outcome: LoadOutcome): void
  /** Every frame up to `sequence`, whatever its data source, is confirmed: told after what `publishLoaded` says of them. */
  publishPassed(sequence: number): void
  /**
   * The writer will not read a frame below `sequence` again: the log may drop it. Those of them from `wantedFrom` on (default: none) it
   * would still read and can do without: they stay until their room is needed.
   */
  publishUnneeded(sequence: number, wantedFrom?: number): void
  /** Sends a note of at most 32 KiB as JSON, after what was sent before. False, and nothing sent, when it is larger or the other side is slow or gone. */
  note(body: object): boolean
  /** Who is told the notes of the other side: one listener; none are kept for later. */
  onNote(listener: (body: unknown) => void): void
  /** Resolves when the other side went away; the writer then exits and is started anew. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/** Where a frame's bytes stand, so that a lane can wait without holding them in memory. */
export interface FrameRef {
  readonly sequence: number
  readonly workspaceId: string
  readonly dataSourceId: string
  readonly schemaVersion: number
  readonly rowCount: number
  readonly refusedCount: number
  readonly bytes: number
  readonly segment: string
  readonly offset: number
}

/** The reading side, held by the writer. Never yields a frame above what was announced durable. */
export interface EventLogReader {
  /**
   * Frame heads in order, from `from` to `upTo` inclusive; damaged frames are skipped and reported once by `onDamage`.
   * `upTo` must have been announced durable before the call. Ends early, without an error, when the signal aborts.
   */
  scan(from: number, upTo: number, signal: AbortSignal): AsyncIterable<FrameRef>
  /**
   * Whole heads of the frames from `from` to `upTo` inclusive whose every byte is sound, in order: every byte is read and checked.
   * Otherwise as `scan`. Reads everything from the disk anew, and holds no file open afterwards.
   * @throws fault `log.unavailable` where frames are missing and the disk did not read a part: they may be there.
   */
  heads(
    from: number,
    upTo: number,
    signal: AbortSignal,
  ): AsyncIterable<FrameHead & { readonly sequence: number }>
  /** The whole frame. @throws fault `log.unavailable` when its bytes no longer match their checksum; `onDamage` was told. */
  read(ref: FrameRef): Promise<Frame>
  /** Lowest sequence the log's files can hold; null when it has none yet. */
  first(): Promise<number | null>
  /** Closes files that are gone from the log, so that their space is free. Scans do it too. */
  letGo(): Promise<void>
  /** Bytes of segments in memory now, without frames that were handed out. */
  heldBytes(): number
  close(): Promise<void>
}
