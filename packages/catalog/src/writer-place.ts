// Where a writer stands: which partition of the event log it owns, and under which name.

/** The log on disk of the all-in-one. Kafka's partition n is n + 1 here, so that positions of the two never meet. */
export const EMBEDDED_PARTITION = 0

/** The turns of other processes, as a writer that shares the catalog with them minds them. */
export interface KnownTurns {
  /** The number of changes of the workspace's tables that the writer's picture of them knows. */
  known(workspaceId: string): number
  /** A batch was refused: somebody changes the tables, or has done so since. */
  refused(workspaceId: string): void
}

/** What each statement of a writer's store is about. */
export interface WriterPlace {
  /** null: nothing is checked, for tools and tests. */
  name: string | null
  /** null: reads tell of every partition, writes are about the embedded one. */
  readonly partition: number | null
  /** Of log_members, where processes share the log: the partition must be its. */
  readonly member?: number
  /** Only where processes share the log; without them whoever changes tables asks over the link. */
  readonly turns?: KnownTurns
}

export const NO_PLACE: WriterPlace = { name: null, partition: null }

export function partitionOf({ partition }: WriterPlace): number {
  return partition ?? EMBEDDED_PARTITION
}
