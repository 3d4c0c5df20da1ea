// What `pnpm crash` was asked for.
import { parseArgs } from 'node:util'

export type Mode = 'kill' | 'power' | 'faults' | 'flips' | 'kafka'
const MODES: readonly Mode[] = ['kill', 'power', 'faults', 'flips', 'kafka']

export interface CrashOptions {
  readonly cycles: number
  readonly seed: number
  readonly modes: readonly Mode[]
  /** Only this round, to see a violation again; null: all. */
  readonly round: number | null
  readonly isJson: boolean
  readonly isProof: boolean
  /** Checkout whose build is run; null: this one, built first. */
  readonly product: string | null
}

export const USAGE = `pnpm crash --cycles N --seed S [options]

Breaks a running product under load and compares what it acknowledged with what it holds.

  --cycles N     kills, or power cuts, or faults, or bit flips; of --mode all: N kills, N/5 power cuts, N/25 faults, 10 N flips, N/5 kills with Kafka. Default 50
  --seed S       every choice follows from it; default: another one each time, printed
  --mode M       kill | power | faults | flips | kafka | all; default kill
  --round R      only this round of the campaign, to see a violation again
  --prove        runs the campaign against products with one safeguard removed each: every one must be found out
  --product DIR  the checkout whose build is run; default: this one, built first
  --json         one line of JSON at the end instead of text
  --help

Exit code 0: everything promised was kept. 1: it was not, and the evidence is in the folder that is named.
`

/** @throws Error that says what is wrong. @returns null when only help is wanted. */
export function readOptions(args: readonly string[]): CrashOptions | null {
  const { values } = parseArgs({
    args: args.filter((each) => each !== '--'),
    options: {
      cycles: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
      mode: { type: 'string', default: 'kill' },
      round: { type: 'string' },
      product: { type: 'string' },
      prove: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return null
  return {
    cycles: whole('cycles', values.cycles),
    seed: whole('seed', values.seed),
    modes: modesOf(values.mode),
    round: values.round === undefined ? null : whole('round', values.round),
    isJson: values.json,
    isProof: values.prove,
    product: values.product ?? null,
  }
}

function modesOf(mode: string): readonly Mode[] {
  if (mode === 'all') return MODES
  const known = MODES.find((each) => each === mode)
  if (known === undefined) throw new Error(`--mode is one of ${MODES.join(', ')}, all; not ${mode}`)
  return [known]
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Error(`--${name} is a whole number, not ${text}`)
  return value
}
