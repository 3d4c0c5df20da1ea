// What the catalog remembers of replays of quarantined rows, so that one that was cut off at any point goes on without doubling a row.

/** How far a replay has come. */
export interface ReplayRecord {
  /** UUID: that of its job. */
  readonly id: string
  readonly dataSourceId: string
  /** Unix seconds: rows that are quarantined later are left alone. */
  readonly upTo: number
  /** Where the next chunk begins; the replay's own document, null at the start. */
  readonly cursor: unknown
  /** What is begun and not ended; the replay's own document, null when there is nothing. */
  readonly chunk: unknown
  /** How many chunks were begun. */
  readonly chunks: number
  readonly recovered: number
  readonly remaining: number
}

/** What a chunk came to. */
export interface ReplayChunkEnd {
  readonly cursor: unknown
  /** Rows more. */
  readonly recovered: number
  readonly remaining: number
}

/** The part of the catalog that knows replays. */
export interface ReplayStore {
  /**
   * Opens a replay, or opens it again where it stopped. What another one of the data source left unfinished is taken over, once its job
   * has ended.
   * @throws fault `request.conflict` while the job of another replay of the data source waits or works.
   */
  openReplay(input: {
    id: string
    workspaceId: string
    dataSourceId: string
    upTo: number
  }): Promise<ReplayRecord>
  /**
   * Notes what is about to be appended, unless the replay has moved on from the record or was closed; durable when it resolves. What the record then
   * holds is what counts.
   */
  beginReplayChunk(record: ReplayRecord, chunk: unknown): Promise<ReplayRecord>
  /** Notes that nothing of the record's chunk is left to do, unless that was noted before. */
  endReplayChunk(record: ReplayRecord, end: ReplayChunkEnd): Promise<ReplayRecord>
  /** Notes that the replay has nothing left to do. Idempotent. */
  closeReplay(id: string): Promise<void>
}
