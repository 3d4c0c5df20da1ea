// The contract between those who append (ingest, jobs), the writer that loads, and those who wait or need a turn.
// Embedded: segment files (segment-log.ts) and a unix socket (link). Scale-out: Kafka, later. See docs/adr/0003.
import type { Frame, NewFrame } from './frame.ts'

/** What became of the rows up to a position: in every target, or in the raw table while a view threw. */
export type LoadOutcome = { readonly kind: 'loaded' } | { readonly kind: 'view_failed'; readonly message: string }

/** The exclusive right to change the tables of one workspace: no batch of it is in flight while held. */
export interface Turn {
  /** Aborted when the right was lost (the writer died): stop, and take it again before going on. */
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
  /** Resolves when every target holds the data source's frames up to `sequence`. @throws fault `server.busy` (503) on abort or when the writer is away. */
  loaded(dataSourceId: string, sequence: number, signal: AbortSignal): Promise<LoadOutcome>
  /** Waits until no batch of the workspace is in flight and holds new ones back until released. @throws fault `server.busy` on abort. */
  turn(workspaceId: string, signal: AbortSignal): Promise<Turn>
  close(): Promise<void>
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
  /** Frames heads in order, from `from` to `upTo` inclusive; damaged frames are skipped, counted and reported by `onDamage`. */
  scan(from: number, upTo: number, signal: AbortSignal): AsyncIterable<FrameRef>
  /** The whole frame. @throws fault `log.unavailable` when its bytes no longer match their checksum. */
  read(ref: FrameRef): Promise<Frame>
  /** Removes whole segments that hold only frames below `sequence`. */
  dropBelow(sequence: number): Promise<void>
  close(): Promise<void>
}
