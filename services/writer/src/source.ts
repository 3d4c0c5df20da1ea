// One data source as the writer sees it: what waits, what is being loaded, what is confirmed.
import type { FrameRef } from '@sandpiper/eventlog'
import type { Attempt } from './batch.ts'
import type { LastBatch } from './batcher.ts'
import type { Holder } from './progress.ts'
import { createSourceQueue, type Room, type SourceQueue } from './source-queue.ts'

/** A batch in doubt: its frames are loaded again as the same batch, or found to be there. */
interface OpenBatch {
  readonly fromSequence: number
  readonly toSequence: number
  readonly attempt: Attempt
  /** Its claim on its targets: another batch in one of them would pass for this one. Calling the function ends the claim. */
  readonly lane: Promise<() => void>
}

export interface Source extends Holder {
  readonly id: string
  readonly workspaceId: string
  readonly queue: SourceQueue
  open: OpenBatch | null
  loadedUpTo: number
  /** First sequence of a batch that is loaded and not yet confirmed. */
  confirmingFrom: number | null
  isDraining: boolean
  lastBatch: LastBatch | null
  isReadingOn: boolean
  /** How often the first frames that wait met a limit of the engine. */
  limitHits: number
  /** The last batch had to be placed target by target, so the next is not even tried the plain way. */
  isExact: boolean
  /** The last batch reached more partitions than a plain insert may write. */
  isWide: boolean
}

export interface Sources {
  get(id: string, workspaceId: string): Source
  all(): Iterable<Source>
  ofWorkspace(workspaceId: string): Source[]
}

/** Frames that may wait per data source, and in all; every data source may have a few. */
const WAITING_MAX = 20_000
const WAITING_TOTAL_MAX = 200_000
const WAITING_ALWAYS = 64

/** @param loadedUpTo what was confirmed before, by data source. */
export function createSources(loadedUpTo: ReadonlyMap<string, number>): Sources {
  const sources = new Map<string, Source>()

  let total = 0
  const room: Room = {
    has: (length) => length < WAITING_ALWAYS || (length < WAITING_MAX && total < WAITING_TOTAL_MAX),
    changed: (by) => {
      total += by
    },
  }

  function create(id: string, workspaceId: string): Source {
    const queue = createSourceQueue(room)
    const source: Source = {
      id,
      workspaceId,
      queue,
      open: null,
      loadedUpTo: loadedUpTo.get(id) ?? 0,
      confirmingFrom: null,
      isDraining: false,
      lastBatch: null,
      isReadingOn: false,
      limitHits: 0,
      isExact: false,
      isWide: false,
      lowestOpen: () => source.confirmingFrom ?? queue.refs[0]?.sequence ?? queue.leftOutFrom(),
    }
    sources.set(id, source)
    return source
  }

  return {
    get: (id, workspaceId) => sources.get(id) ?? create(id, workspaceId),
    all: () => sources.values(),
    ofWorkspace: (workspaceId) =>
      [...sources.values()].filter((source) => source.workspaceId === workspaceId),
  }
}

/** A frame as it is kept waiting: the texts that all frames of a data source share are shared. */
export function sharedRef(source: Source, ref: FrameRef): FrameRef {
  const previous = source.queue.refs.at(-1)
  const segment = previous?.segment === ref.segment ? previous.segment : ref.segment
  return { ...ref, segment, dataSourceId: source.id, workspaceId: source.workspaceId }
}
