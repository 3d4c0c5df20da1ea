// The figures of queries, one command. Each ladder starts a product of its own, as its users do.
//   npx tsx bench/query.ts [--only endpoint] [--seconds 60]
import { parseArgs } from 'node:util'

import type { Ladder } from './ingest/ladder.ts'
import { printMachine } from './machine.ts'
import { compile } from './query/compile.ts'
import { endpoint } from './query/endpoint.ts'
import { heavy } from './query/heavy.ts'
import { underIngest } from './query/under-ingest.ts'

const LADDERS: Readonly<Record<string, Ladder>> = {
  endpoint,
  'under-ingest': underIngest,
  compile,
  heavy,
}

const { values: args } = parseArgs({
  options: { only: { type: 'string' }, seconds: { type: 'string', default: '20' } },
})
const names = args.only === undefined ? Object.keys(LADDERS) : args.only.split(',')
printMachine('Queries')
for (const name of names) {
  const ladder = LADDERS[name]
  if (ladder === undefined)
    throw new Error(`no ladder '${name}': there are ${Object.keys(LADDERS).join(', ')}`)
  console.log(`\n## ${name}`)
  await ladder({ seconds: Number(args.seconds) })
}
