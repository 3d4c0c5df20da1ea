// Attacks as data: each file here adds its cases to a suite; vitest and `pnpm attack` run the same ones.
import type { Target } from './target.ts'

/** One attack, from its first request to its verdict. */
export interface AttackCase {
  /** Its numbers in the attack list; none for a check of the suite itself. */
  readonly numbers: readonly number[]
  readonly title: string
  /** Rejects with the evidence when the attack gets through. */
  run(): Promise<void>
}

type Run<Values extends readonly unknown[]> = (...values: Values) => Promise<void>

type ValuesOf<Row> = Row extends readonly unknown[] ? Row : [Row]

export interface Suite {
  /** The server under attack; only inside of cases. */
  readonly target: () => Target
  /** A title for the cases added inside of it: numbers are read from titles, `attacks 5 and 47: ...`. */
  describe(title: string, add: () => void): void
  test(title: string, run: Run<[]>): void
  /** One case for each row; `%s` in the title is its first value. */
  each<const Row>(rows: readonly Row[]): (title: string, run: Run<ValuesOf<Row>>) => void
  /** Done once, before the first case of the title it stands in. */
  before(run: Run<[]>): void
}

/** The cases that these add, in order. */
export function collectCases(
  target: () => Target,
  adders: readonly ((suite: Suite) => void)[],
): AttackCase[] {
  const cases: AttackCase[] = []
  const titles: string[] = []
  let prepare: Run<[]> | null = null
  const test: Suite['test'] = (title, run) => {
    const whole = [...titles, title].join(': ')
    const first = prepare
    cases.push({
      numbers: numbersIn(whole),
      title: whole,
      run: async () => {
        await first?.()
        await run()
      },
    })
  }
  const suite: Suite = {
    ...{ target, test },
    describe(title, add) {
      titles.push(title)
      const outer = prepare
      add()
      prepare = outer
      titles.pop()
    },
    each: (rows) => (title, run) => {
      for (const row of rows) {
        const values = (Array.isArray(row) ? row : [row]) as ValuesOf<typeof row>
        test(
          title.replace('%s', () => clip(String(values[0]))),
          () => run(...values),
        )
      }
    },
    before(run) {
      let done: Promise<void> | null = null
      prepare = () => (done ??= run())
    },
  }
  for (const add of adders) add(suite)
  return cases
}

function numbersIn(title: string): number[] {
  const list = /\battacks? ((?:\d+(?:, | and )?)+)/.exec(title)?.[1] ?? ''
  return [...list.matchAll(/\d+/g)].map(([text]) => Number(text))
}

function clip(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}...`
}
