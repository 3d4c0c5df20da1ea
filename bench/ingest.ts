// The figures of ingest, one command. Each ladder starts a product of its own, as its users do, and a generator in another process.
//   npx tsx bench/ingest.ts [--only one-event] [--seconds 60]
import { ackUnderLoad } from './ingest/ack-under-load.ts'
import { freshness1, freshness20 } from './ingest/freshness.ts'
import { hundredSources } from './ingest/hundred-sources.ts'
import { idleConnections } from './ingest/idle-connections.ts'
import type { Ladder } from './ingest/ladder.ts'
import { oneEvent } from './ingest/one-event.ts'
import { overload } from './ingest/overload.ts'
import { activeParts } from './ingest/parts.ts'
import { residentMemory } from './ingest/resident-memory.ts'
import { thousandIdle } from './ingest/thousand-idle.ts'
import { thousandEvents } from './ingest/thousand-events.ts'
import { runLadders } from './run-ladders.ts'

const LADDERS: Readonly<Record<string, Ladder>> = {
  'one-event': oneEvent,
  'thousand-events': thousandEvents,
  'ack-under-load': ackUnderLoad,
  'freshness-1': freshness1,
  'freshness-20': freshness20,
  'hundred-sources': hundredSources,
  'thousand-idle': thousandIdle,
  rss: residentMemory,
  parts: activeParts,
  'idle-connections': idleConnections,
  overload,
}

await runLadders('Ingest', LADDERS, 10)
