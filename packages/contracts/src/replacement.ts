// What those who import files ask of the api: new tables beside those that are live, filled by an import and swapped in at once.

/** Which rows are replaced. */
export interface ReplaceRequest {
  readonly workspaceId: string
  /** The job it belongs to: its end is remembered by it. */
  readonly jobId: string
  readonly dataSourceId: string
  /** Null for all. */
  readonly condition: string | null
  readonly skipIncompatiblePartitionKey: boolean
}

/** One replacement that was begun. Exactly one of `finish` and `discard` ends it; `discard` may follow a failed `finish`. */
export interface Replacement<Column> {
  /** Frames carry it; their rows go to the new table. */
  readonly schemaVersion: number
  readonly columns: readonly Column[]
  /**
   * Swaps everything in at once, or throws and leaves everything as it was. @param outcome what `finished` is to tell, as JSON.
   * @returns views that were left alone.
   */
  finish(
    outcome: ReplacementOutcome,
    signal: AbortSignal,
  ): Promise<{ readonly skippedViews: readonly string[] }>
  /** Removes the new tables. Idempotent. */
  discard(): Promise<void>
}

/** What a replacement came to, in the words of who made it. */
export type ReplacementOutcome = Readonly<Record<string, unknown>>

/** Where replacements begin. */
export interface Replacements<Column> {
  /**
   * What the job has swapped in already; null when it has not. Ask it before `begin`: a job that was cut off right after its swap and is run
   * again would replace once more, and rows that came since then would be gone.
   */
  finished(job: Pick<ReplaceRequest, 'workspaceId' | 'jobId'>): Promise<ReplacementOutcome | null>
  /**
   * Makes the new tables. One replacement per workspace at a time; the next waits.
   * @throws fault `resource.missing` | `request.invalid` for a condition that is none, or when a view cannot be computed anew |
   * `request.conflict` beside a staged deployment | `server.busy` when the signal fires while it waits.
   */
  begin(request: ReplaceRequest, signal: AbortSignal): Promise<Replacement<Column>>
}
