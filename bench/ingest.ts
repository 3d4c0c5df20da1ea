// The figures of ingest, one command. Each ladder starts a product of its own, as its users do, and a generator in another process.
//   npx tsx bench/ingest.ts [--only one-event] [--seconds 60]
import { parseArgs } from 'node:util'
import { ackUnderLoad } from './ingest/ack-under-load.ts'
import type { Ladder } from './ingest/ladder.ts'
import { oneEvent } from './ingest/one-event.ts'
import { thousandEvents } from './ingest/thousand-events.ts'
import { printMachine } from './machine.ts'

const LADDERS: Readonly<Record<string, Ladder>> = {
  'one-event': oneEvent,
  'thousand-events': thousandEvents,
  'ack-under-load': ackUnderLoad,
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
