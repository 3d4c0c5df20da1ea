// What the commands of figures share: which ladders to run, for how long, and the machine above them.
import { parseArgs } from 'node:util'

import type { Ladder } from './ingest/ladder.ts'
import { printMachine } from './machine.ts'

/** Runs those that `--only a,b` names, or all, for `--seconds` each. */
export async function runLadders(
  title: string,
  ladders: Readonly<Record<string, Ladder>>,
  secondsByDefault: number,
): Promise<void> {
  const { values: args } = parseArgs({
    options: {
      only: { type: 'string' },
      seconds: { type: 'string', default: String(secondsByDefault) },
    },
  })
  const names = args.only === undefined ? Object.keys(ladders) : args.only.split(',')
  printMachine(title)
  for (const name of names) {
    const ladder = ladders[name]
    if (ladder === undefined)
      throw new Error(`no ladder '${name}': there are ${Object.keys(ladders).join(', ')}`)
    console.log(`\n## ${name}`)
    await ladder({ seconds: Number(args.seconds) })
  }
}
