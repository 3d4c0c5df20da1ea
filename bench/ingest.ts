// The figures of ingest, one command. Each ladder starts a product of its own, as its users do, and a generator in another process.
//   npx tsx bench/ingest.ts [--only one-event] [--seconds 60]
import { parseArgs } from 'node:util'
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
import { printMachine } from './machine.ts'

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

const { values: args } = parseArgs({
  options: { only: { type: 'string' }, seconds: { type: 'string', default: '10' } },
})
const names = args.only === undefined ? Object.keys(LADDERS) : args.only.split(',')
printMachine('Ingest')
for (const name of names) {
  const ladder = LADDERS[name]
  if (ladder === undefined)
    throw new Error(`no ladder '${name}': there are ${Object.keys(LADDERS).join(', ')}`)
  console.log(`\n## ${name}`)
  await ladder({ seconds: Number(args.seconds) })
}
