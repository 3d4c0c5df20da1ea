// Lets go of log segments that nobody needs again: confirmed everywhere. What a failing view of the last days lacks is asked to stay, but
// the log is everybody's: it goes when there is no other room.
import type { Catalog } from '@sandpiper/catalog'
import type { EventLogReader, WriterLink } from '@sandpiper/eventlog'
import type { Logger } from '@sandpiper/telemetry'
import type { Counters } from './counters.ts'
import { type Holder, readFrom } from './progress.ts'

export interface LogKeeper {
  /** Called after each batch; looks at most once a minute. @param scannedTo see readFrom. */
  confirmed(scannedTo: number): void
}

interface KeeperDeps {
  readonly reader: Pick<EventLogReader, 'letGo'>
  readonly link: Pick<WriterLink, 'publishUnneeded'>
  readonly catalog: Pick<Catalog, 'lowestMissing' | 'forgetOldMissing' | 'forgetOldProgress'>
  readonly counters: Pick<Counters, 'viewBatchesMissing' | 'viewBatchesForgotten'>
  readonly logger: Logger
  readonly now: () => number
}

const LOOK_EVERY_MS = 60_000
/** A view that fails for longer than this loses its oldest batches: they stay in the data source. */
const MISSING_KEPT_MS = 7 * 24 * 3_600_000

export function createLogKeeper(deps: KeeperDeps, sources: { all(): Iterable<Holder> }): LogKeeper {
  let lookedAtMs = deps.now()

  async function drop(loadedBelow: number): Promise<void> {
    const sinceMs = deps.now() - MISSING_KEPT_MS
    const gone = await deps.catalog.forgetOldMissing(sinceMs)
    deps.counters.viewBatchesMissing -= gone
    deps.counters.viewBatchesForgotten += gone
    const missing = await deps.catalog.lowestMissing(sinceMs)
    deps.link.publishUnneeded(loadedBelow, Math.min(loadedBelow, missing ?? loadedBelow))
    await deps.reader.letGo()
    await deps.catalog.forgetOldProgress()
  }

  return {
    confirmed(scannedTo) {
      if (Math.abs(deps.now() - lookedAtMs) < LOOK_EVERY_MS) return
      lookedAtMs = deps.now()
      drop(readFrom(sources.all(), scannedTo)).catch((err: unknown) => {
        deps.logger.warn({ err }, 'old log segments could not be removed')
      })
    },
  }
}
