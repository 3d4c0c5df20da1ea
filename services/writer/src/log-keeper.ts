// Lets go of log segments that nobody needs again: confirmed everywhere, and not missing in a failing view of the last days.
import type { EventLogReader } from '@sandpiper/eventlog'
import type { Logger } from '@sandpiper/telemetry'
import type { MissingViews } from './missing-views.ts'
import { type Holder, readFrom } from './progress.ts'

export interface LogKeeper {
  /** Called after each batch; looks at most once a minute. @param scannedTo see readFrom. */
  confirmed(scannedTo: number): void
}

interface KeeperDeps {
  readonly reader: EventLogReader
  readonly missing: MissingViews
  readonly logger: Logger
  readonly now: () => number
}

const LOOK_EVERY_MS = 60_000
/** A view that fails for longer than this is repaired from its source table, not from the log. */
const MISSING_KEPT_MS = 7 * 24 * 3_600_000

export function createLogKeeper(deps: KeeperDeps, sources: { all(): Iterable<Holder> }): LogKeeper {
  let lookedAtMs = deps.now()

  async function drop(loadedBelow: number): Promise<void> {
    const missing = await deps.missing.list()
    const kept = missing.filter((each) => each.createdAtMs > deps.now() - MISSING_KEPT_MS)
    const floor = Math.min(loadedBelow, ...kept.map((each) => each.fromSequence))
    await deps.reader.dropBelow(floor)
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
